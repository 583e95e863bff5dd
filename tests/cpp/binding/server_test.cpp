/// Stores on servers: what they promise, what a failure says, what they do not do; and the operations, on a real one.
#include <bytestore.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "../check.hpp"
#include "../folder.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::capabilities;
using bytestore::errc;
using bytestore::error;
using bytestore::store;
using strings = std::vector<std::string>;

static_assert(std::is_aggregate_v<capabilities> && std::is_trivially_copyable_v<capabilities>);

constexpr const char *nobody = "redis://127.0.0.1:1?retries=0"; // refuses at once

/// In the order of the struct.
std::vector<bool> listed(const capabilities &all) {
    return {all.insertion_order, all.atomic_batches, all.prefix_steps, all.positions, all.snapshots, all.sizes};
}

const std::vector<bool> everything(6, true);

template <typename Act> std::optional<errc> code_of(Act act) {
    const auto thrown = check::thrown<error>(act);
    return thrown ? std::optional(thrown->code()) : std::nullopt;
}

/// Whether a call fails, and says why.
template <typename Act> bool is_refused(Act act) {
    const auto thrown = check::thrown<error>(act);
    const std::string what = thrown ? thrown->what() : "", message = thrown ? thrown->remote_message() : "";
    return thrown && thrown->code() == errc::remote_failure && !thrown->reason() &&
           message.find("Connection refused") != std::string::npos &&
           what.find("bytestore: remote_failure: " + message + ": ") == 0;
}

strings sorted_keys(const store &store, std::string_view prefix = {}) {
    bytestore::key_range keys = store.keys(prefix);
    strings all(keys.begin(), keys.end());
    std::sort(all.begin(), all.end());
    return all;
}

/// The path of a server's program; empty: there is none on the PATH.
std::string program() {
    const char *const all = std::getenv("PATH");
    for (const char *name : {"redis-server", "valkey-server"}) {
        for (std::string_view rest = all == nullptr ? "" : all; !rest.empty();) {
            const std::size_t end = std::min(rest.find(':'), rest.size());
            const std::string path = std::string(rest.substr(0, end)) + '/' + name;
            if (access(path.c_str(), X_OK) == 0) {
                return path;
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return {};
}

/// There while this lives, behind a socket in a folder of its own.
class server {
  public:
    server() {
        const std::string name = program(), path = folder_.path().string();
        const strings words{name, "--port", "0", "--unixsocket", socket(), "--save", "", "--dir", path};
        std::vector<char *> arguments;
        for (const std::string &word : words) {
            arguments.push_back(const_cast<char *>(word.c_str()));
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t quiet;
        posix_spawn_file_actions_init(&quiet);
        posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        const int failed = posix_spawn(&process_, name.c_str(), &quiet, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&quiet);
        if (failed != 0) {
            throw std::system_error(failed, std::system_category(), "no server \"" + name + '"');
        }
        const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!listens() && std::chrono::steady_clock::now() < patience) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    server(const server &) = delete;
    server &operator=(const server &) = delete;
    ~server() {
        kill(process_, SIGTERM);
        waitpid(process_, nullptr, 0);
    }

    std::string url() const { return "redis+unix://" + socket() + "?retries=0"; }

  private:
    std::string socket() const { return (folder_.path() / "server").string(); }

    bool listens() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket().copy(address.sun_path, sizeof address.sun_path - 1);
        const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
        const bool connected = connect(client, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
        close(client);
        return connected;
    }

    folder folder_;
    pid_t process_ = 0;
};

void the_operations_on_a_server() {
    const server server;
    store shared = store::open(server.url() + "&namespace=app/");
    shared.mset({{"a", "1"}, {"b", ""}, {std::string_view("c\0", 2), "3"}});
    const bytestore::values found = shared.mget(strings{"a", "b", "x"});
    CHECK(found[0] == "1" && found[1] == "" && !found[2]);
    bytestore::area answers;
    shared.mget_into(strings{"a", "x"}, answers);
    CHECK(answers[0] == "1" && !answers[1]);
    CHECK((sorted_keys(shared) == strings{"a", "b", std::string("c\0", 2)}));
    CHECK(shared.size() == 3 && shared.mdelete(strings{"a", "x"}) == 1);

    store users = shared.namespaced("user/");
    users.mset({{"1", "Ada"}, {"2", "Bob"}}, 1h);
    CHECK((sorted_keys(users) == strings{"1", "2"} && sorted_keys(shared, "user/") == strings{"user/1", "user/2"}));
    CHECK(shared.count("user/") == 2 && users.delete_prefix("1") == 1 && users.size() == 1);
    const auto computed = users.mget_or_compute(strings{"2", "3"}, [](const auto &) { return strings{"Cy"}; });
    CHECK(computed[0] == "Bob" && computed[1] == "Cy");
    const bytestore::stats stats = users.stats();
    CHECK(stats.sets == 6 && stats.deletes == 2 && stats.entries == 0);

    const auto thrown = check::thrown<error>([&] { store::open(server.url() + "&db=99").mget(strings{"a"}); });
    CHECK(thrown && thrown->remote_message().find("DB index is out of range") != std::string::npos);
}

void the_writes_of_others_reach_copies() {
    const server server;
    store other = store::open(server.url());
    store copies = store::open("memory:?max_bytes=1MiB&over=" + server.url());
    const auto has = [](const store &store, std::string_view value) {
        const bytestore::values found = store.mget(strings{"a"});
        return found[0] == value;
    };
    for (const std::string value : {"1", "2"}) {
        other.mset({{"a", value}});
        const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!has(copies, value) || copies.stats().entries == 0) {
            CHECK(std::chrono::steady_clock::now() < patience);
        }
    }
    copies.mset({{"a", "3"}});
    CHECK(has(copies, "3") && has(other, "3"));
}

/// There are no such tests without a server, unless this is the suite, which must have one.
std::optional<check::test> with_server(const char *name, void (*run)()) {
    return program().empty() && std::getenv("CI") == nullptr ? std::nullopt
                                                             : std::optional<check::test>(std::in_place, name, run);
}

const auto operations = with_server("the_operations_on_a_server", the_operations_on_a_server);
const auto copies = with_server("the_writes_of_others_reach_copies", the_writes_of_others_reach_copies);

} // namespace

TEST(memory_can_do_everything) {
    store memory;
    CHECK(listed(memory.capabilities()) == everything && listed(memory.namespaced("a").capabilities()) == everything);
    memory.close();
    CHECK(code_of([&] { memory.capabilities(); }) == errc::closed_handle);
    CHECK(listed(capabilities()) == std::vector<bool>(6, false));
}

TEST(each_bit_is_its_own_name) {
    for (std::size_t bit = 0; bit < 6; ++bit) {
        std::vector<bool> expected(6, false);
        expected[bit] = true;
        CHECK(listed(bytestore::detail::capabilities_of(std::uint64_t{1} << bit)) == expected);
    }
    CHECK(listed(bytestore::detail::capabilities_of(63 | std::uint64_t{1} << 63)) == everything); // a later one
}

TEST(a_server_can_do_less) {
    const auto of = [](const std::string &url) { return listed(store::open(url).capabilities()); };
    std::vector<bool> expected(6, false);
    CHECK(of("redis+cluster://127.0.0.1:1,127.0.0.1:2") == expected);
    CHECK(of(std::string(nobody) + "&batch=10") == expected);
    expected[1] = true;
    CHECK(of(nobody) == expected && of("valkeys://127.0.0.1:1") == expected);
    CHECK(listed(store::open(nobody).namespaced("a").capabilities()) == expected);
}

TEST(a_failure_has_the_systems_words) {
    store lost = store::open(nobody);
    store view = lost.namespaced("a");
    for (store *each : {&lost, &view}) {
        bytestore::area answers;
        bytestore::key_range keys = each->keys();
        CHECK(is_refused([&] { each->mset({{"a", "1"}}); }));
        CHECK(is_refused([&] { each->mset({{"a", "1"}}, 1s); }));
        CHECK(is_refused([&] { each->mget(strings{"a"}); }));
        CHECK(is_refused([&] { each->mget_into(strings{"a"}, answers); }));
        CHECK(is_refused([&] { each->mdelete(strings{"a"}); }));
        CHECK(is_refused([&] { each->count("a"); }));
        CHECK(is_refused([&] { each->delete_prefix("a"); }));
        CHECK(is_refused([&] { each->size(); }));
        CHECK(is_refused([&] { keys.begin(); }));
        CHECK(is_refused([&] { each->mget_or_compute(strings{"a"}, [](const auto &) { return strings{"1"}; }); }));
    }
    const auto other = check::thrown<error>([] { store::open("nosuch:"); });
    CHECK(other && other->remote_message().empty());
}

TEST(keys_of_a_closed_store_fail_without_words) {
    store lost = store::open(nobody);
    bytestore::key_range keys = lost.keys();
    lost.close();
    const auto thrown = check::thrown<error>([&] { keys.begin(); });
    CHECK(thrown && thrown->code() == errc::remote_failure && thrown->remote_message().empty());
}

TEST(servers_have_no_pages_snapshots_and_clocks) {
    const folder files;
    const std::filesystem::path file = files.path() / "file";
    store lost = store::open(nobody);
    CHECK(code_of([&] { lost.page("", 1); }) == errc::unsupported);
    CHECK(code_of([&] { lost.page("", 1, 1); }) == errc::unsupported);
    CHECK(code_of([&] { lost.save(file); }) == errc::unsupported && files.size() == 0);
    CHECK(code_of([&] { lost.save_to_memory(); }) == errc::unsupported);
    CHECK(code_of([&] { lost.load(file); }) == errc::unsupported);
    CHECK(code_of([&] { lost.load_from_memory(store().save_to_memory()); }) == errc::unsupported);
    CHECK(code_of([&] { lost.progress(); }) == errc::unsupported);
    CHECK(code_of([&] { lost.advance_clock(1ms); }) == errc::invalid_argument);
}
