/// Saving and loading: through files and memory, beside other threads, and what the system refuses.
#include <bytestore.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "../check.hpp"
#include "../folder.hpp"
#include "crew.hpp"

namespace {

using namespace std::chrono_literals;
using bytestore::errc;
using bytestore::error;
using bytestore::snapshot;
using bytestore::store;
using strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<snapshot> && std::is_nothrow_move_constructible_v<snapshot>);
static_assert(std::is_aggregate_v<bytestore::progress> && std::is_trivially_copyable_v<bytestore::progress>);

strings keys_of(const store &store) {
    bytestore::key_range keys = store.keys();
    return strings(keys.begin(), keys.end());
}

strings numbered(std::size_t count) {
    strings keys;
    for (std::size_t i = 0; i < count; ++i) {
        keys.push_back("key" + std::to_string(i));
    }
    return keys;
}

/// The reason of a call that the system must refuse.
template <typename Act> std::error_code reason_of(Act act) {
    const auto refused = check::thrown<error>(act);
    CHECK(refused && refused->code() == errc::io_failure);
    return refused ? refused->reason() : std::error_code();
}

template <typename Act> std::optional<errc> code_of(Act act) {
    const auto thrown = check::thrown<error>(act);
    CHECK(!thrown || !thrown->reason());
    return thrown ? std::optional(thrown->code()) : std::nullopt;
}

/// Whether this thread sees how far a call is that another thread makes until then, a thousand times at most.
template <typename Call>
bool sees_progress(const store &watched, std::uint64_t least_total, std::uint64_t most_total, Call call) {
    std::atomic<bool> seen{false}, over{false};
    crew worker;
    worker.start([&] {
        for (int round = 0; round < 1000 && !seen; ++round) {
            call();
        }
        over = true;
    });
    while (!seen && !over) {
        const bytestore::progress now = watched.progress();
        seen = now.done > 0 && now.done < now.total && now.total >= least_total && now.total <= most_total;
    }
    return seen;
}

} // namespace

TEST(a_file_keeps_options_order_and_times) {
    const folder files;
    const std::filesystem::path file = files.path() / "snapshot";
    bytestore::options options;
    options.max_entries = 3;
    options.ttl = 10s;
    options.manual_clock = true;
    store saved(options);
    saved.mset({{"b", "1"}});
    saved.mset({{"a", std::string(5000, 'v')}}, 3s);
    saved.mset({{"", ""}}, bytestore::forever);
    saved.advance_clock(1s);
    saved.save(file);
    store opened = store::open("snapshot:" + file.string());
    CHECK(keys_of(opened) == (strings{"b", "a", ""}) && opened.stats().max_entries == 3);
    const bytestore::values answer = opened.mget({"b", "a", ""});
    CHECK(answer[0] == "1" && answer[1] == std::string(5000, 'v') && answer[2] == "");
    opened.advance_clock(2s - 1ms);
    CHECK(opened.size() == 3);
    opened.advance_clock(1ms);
    CHECK(keys_of(opened) == (strings{"b", ""}));
    opened.mset({{"c", ""}}); // for 10 s
    opened.advance_clock(7s);
    CHECK(keys_of(opened) == (strings{"", "c"}));
    opened.advance_clock(3s);
    CHECK(keys_of(opened) == strings{""});
    saved.load(file); // the time goes on from what was left
    saved.advance_clock(2s);
    CHECK(keys_of(saved) == (strings{"b", ""}) && saved.stats().sets == 3);
}

TEST(memory_holds_the_bytes_of_a_file) {
    const folder files;
    const std::filesystem::path file = files.path() / "snapshot";
    store source;
    source.mset(numbered(1000), numbered(1000));
    snapshot saved = source.save_to_memory();
    source.save(file);
    CHECK(content(file) == saved.bytes() && saved.data() == saved.bytes().data() && !saved.empty());
    CHECK(source.progress().done == 0 && source.progress().total == 0);
    const std::string copy(saved.bytes());
    source.close();
    snapshot moved = std::move(saved);
    CHECK(saved.empty() && saved.bytes().empty() && moved.bytes() == copy && moved.size() == copy.size());
    store target;
    target.mset({{"old", "gone"}});
    target.load_from_memory(moved);
    CHECK(keys_of(target) == numbered(1000));
    target.delete_prefix("");
    target.load_from_memory(copy);
    CHECK(target.size() == 1000);
    store other;
    other.load_from_memory(target.save_to_memory());
    CHECK(other.size() == 1000 && snapshot().empty());
    moved = snapshot();
    CHECK(moved.empty());
}

TEST(levels_of_compression) {
    const folder files;
    const std::filesystem::path file = files.path() / "snapshot";
    store source;
    source.mset({{"key", std::string(100000, 'v')}});
    const std::size_t plain = source.save_to_memory().size();
    for (const int level : {1, 3, 22}) {
        source.save(file, level);
        CHECK(content(file).size() < plain / 10 && source.save_to_memory(level).size() < plain / 10);
        source.delete_prefix("");
        source.load(file);
        const bytestore::values answer = source.mget({"key"});
        CHECK(answer[0] == std::string(100000, 'v'));
    }
    for (const int level : {-1, 23}) {
        CHECK(code_of([&] { source.save_to_memory(level); }) == errc::invalid_argument);
        const auto refused = check::thrown<error>([&] { source.save(file, level); });
        CHECK(refused && refused->code() == errc::invalid_argument);
        CHECK(refused &&
              std::string(refused->what()).find("compression level " + std::to_string(level)) != std::string::npos);
    }
}

TEST(a_namespace_is_saved_and_replaced_by_itself) {
    store all;
    all.mset({{"a/1", "x"}, {"other", "y"}, {"a/2", "z"}});
    store within = all.namespaced("a/"), fresh;
    const snapshot saved = within.save_to_memory();
    fresh.load_from_memory(saved);
    CHECK(keys_of(fresh) == (strings{"1", "2"}));
    all.mset({{"a/3", ""}, {"a/1", "changed"}});
    within.load_from_memory(saved);
    CHECK(keys_of(within) == (strings{"1", "2"}) && keys_of(all) == (strings{"other", "a/1", "a/2"}));
    const bytestore::values answer = all.mget({"a/1"});
    CHECK(answer[0] == "x");
}

TEST(a_path_may_have_any_name) {
    const folder files;
    store source;
    source.mset({{"key", "value"}});
    for (const char *name : {"with spaces", "Größe 日本 ☃", "a?b=c&d#e%20f:g", "new\nline", ".hidden"}) {
        const std::filesystem::path file = files.path() / name;
        source.save(file);
        store loaded;
        loaded.load(file);
        CHECK(loaded.size() == 1 && store::open("snapshot:" + file.string()).size() == 1);
    }
    const std::filesystem::path no_text = files.path() / "\xff\xfe"; // a URL is UTF-8, a path any bytes
    source.save(no_text);
    source.load(no_text);
    CHECK(code_of([&] { store::open("snapshot:" + no_text.string()); }) == errc::invalid_argument);
    CHECK(files.size() == 6);
    // C would see a good path here, that ends early.
    const std::filesystem::path nul = files.path() / std::string("a\0b", 3);
    CHECK(code_of([&] { source.save(nul); }) == errc::invalid_argument);
    CHECK(code_of([&] { source.load(nul); }) == errc::invalid_argument);
    CHECK(files.size() == 6 && source.size() == 1);
}

TEST(what_the_system_refuses_has_its_reason) {
    const folder files;
    const std::filesystem::path missing = files.path() / "none" / "snapshot", within = files.path();
    store store;
    store.mset({{"key", "value"}});
    CHECK(reason_of([&] { store.save(missing); }) == std::errc::no_such_file_or_directory);
    CHECK(reason_of([&] { store.load(missing); }) == std::errc::no_such_file_or_directory);
    CHECK(reason_of([&] { bytestore::store::open("snapshot:" + missing.string()); }) ==
          std::errc::no_such_file_or_directory);
    CHECK(reason_of([&] { store.save(within); }) == std::errc::is_a_directory);
    CHECK(reason_of([&] { store.load(within); }) == std::errc::is_a_directory);
    CHECK(reason_of([&] { store.save(""); }) == std::errc::no_such_file_or_directory);
    CHECK(reason_of([&] { store.load(std::string(5000, 'x')); }) == std::errc::filename_too_long);
    const auto refused = check::thrown<error>([&] { store.load(missing); });
    CHECK(refused && refused->reason().category() == std::system_category());
    CHECK(refused && refused->what() == "bytestore: io_failure: \"" + missing.string() +
                                            "\": " + refused->reason().message() + ": " +
                                            bytestore_status_message(BYTESTORE_ERR_IO_FAILURE));
    CHECK(store.size() == 1 && files.size() == 0); // nothing half written either
}

TEST(what_is_no_snapshot_changes_nothing) {
    const folder files;
    const std::filesystem::path file = files.path() / "snapshot";
    store source;
    source.mset({{"key", "value"}});
    const snapshot saved = source.save_to_memory();
    const std::string good(saved.bytes());
    std::string later = good, damaged = good;
    later[8] ^= 1;
    damaged.back() ^= 1;
    source.mset({{"more", ""}});
    const std::vector<std::pair<std::string, errc>> wrong = {{"", errc::bad_snapshot},
                                                             {"no snapshot", errc::bad_snapshot},
                                                             {good.substr(0, good.size() - 1), errc::bad_snapshot},
                                                             {damaged, errc::bad_snapshot},
                                                             {later, errc::unsupported}};
    for (const auto &[bytes, code] : wrong) {
        write(file, bytes);
        CHECK(code_of([&] { source.load_from_memory(bytes); }) == code);
        CHECK(code_of([&] { source.load(file); }) == code);
        CHECK(code_of([&] { store::open("snapshot:" + file.string()); }) == code);
    }
    CHECK(code_of([&] { source.load_from_memory(std::string_view()); }) == errc::bad_snapshot);
    const auto named = check::thrown<error>([&] { source.load(file); });
    CHECK(named && std::string(named->what()).find("unsupported: \"" + file.string() + "\": ") != std::string::npos);
    CHECK(keys_of(source) == (strings{"key", "more"}));
    write(file, good);
    auto small = store::open("memory:?max_item_bytes=7");
    CHECK(code_of([&] { small.load(file); }) == errc::over_limit && small.size() == 0);
}

TEST(a_save_replaces_the_file_in_whole) {
    const folder files;
    const std::filesystem::path file = files.path() / "snapshot", link = files.path() / "link";
    store store;
    store.save(file);
    store.mset({{"key", "value"}});
    std::filesystem::create_symlink(file, link);
    store.save(link);
    CHECK(!std::filesystem::is_symlink(link) && bytestore::store::open("snapshot:" + link.string()).size() == 1);
    CHECK(bytestore::store::open("snapshot:" + file.string()).size() == 0);
    CHECK(std::filesystem::status(link).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    store.save(file);
    CHECK(content(file) == content(link) && files.size() == 2);
}

TEST(a_save_beside_writers_has_no_half_batch) {
    const folder files;
    const strings keys = numbered(100);
    store store;
    store.mset(keys, strings(keys.size(), "0"));
    std::atomic<bool> saving{true};
    std::atomic<int> batches{0};
    crew writers;
    for (int writer = 0; writer < 2; ++writer) {
        writers.start([&, writer] {
            for (int round = 0; saving; ++round, ++batches) {
                const std::size_t size = round % 2 == 0 ? 10 : 5000; // copied, and shared with the store
                if (round % 5 == 4) {
                    store.mdelete(keys);
                } else {
                    store.mset(keys, strings(keys.size(), std::string(size, static_cast<char>('a' + writer))));
                }
            }
        });
    }
    for (int round = 0; round < 20; ++round) {
        const int before = batches;
        while (batches < before + 2) {
            std::this_thread::yield();
        }
        const std::filesystem::path file = files.path() / "snapshot";
        bytestore::store loaded;
        if (round % 2 == 0) {
            store.save(file, round % 4);
            loaded.load(file);
        } else {
            loaded.load_from_memory(store.save_to_memory());
        }
        const bytestore::values answer = loaded.mget(keys);
        const std::optional<std::string_view> first = answer[0];
        CHECK(std::all_of(answer.begin(), answer.end(), [&](auto value) { return value == first; }));
        CHECK(loaded.size() == (first ? keys.size() : 0));
    }
    saving = false;
}

TEST(a_load_beside_readers_is_one_step) {
    const strings keys = numbered(100);
    store store, other;
    store.mset(keys, strings(keys.size(), "1"));
    other.mset(keys, strings(keys.size(), "2"));
    const snapshot saves[] = {store.save_to_memory(), other.save_to_memory()};
    std::atomic<bool> reading{true};
    crew loader;
    loader.start([&] {
        for (std::size_t round = 0; reading; ++round) {
            store.load_from_memory(saves[round % 2]);
        }
    });
    for (int round = 0; round < 2000; ++round) {
        const bytestore::values answer = store.mget(keys);
        CHECK(answer[0] && std::all_of(answer.begin(), answer.end(), [&](auto value) { return value == answer[0]; }));
    }
    reading = false;
}

TEST(another_thread_sees_the_progress) {
    const std::size_t entries = 20000;
    store store;
    store.mset(numbered(entries), numbered(entries));
    const bytestore::store within = store.namespaced("key");
    const snapshot saved = store.save_to_memory();
    const std::uint64_t bytes = saved.size();
    CHECK(sees_progress(within, entries, bytes / 2, [&] { store.save_to_memory(); }));
    CHECK(sees_progress(within, bytes / 2, bytes, [&] { store.load_from_memory(saved); }));
    CHECK(store.progress().done == 0 && store.progress().total == 0);
}

TEST(closing_beside_saves_and_loads) {
    const folder files;
    const strings keys = numbered(1000);
    for (int round = 0; round < 20; ++round) {
        store store;
        store.mset(keys, keys);
        const snapshot saved = store.save_to_memory();
        std::atomic<int> ready{0};
        crew workers;
        for (int worker = 0; worker < 3; ++worker) {
            workers.start([&, worker] {
                const std::filesystem::path file = files.path() / std::to_string(worker);
                const auto end = check::thrown<error>([&] {
                    for (;; ++ready) {
                        worker == 0   ? store.save(file)
                        : worker == 1 ? store.load_from_memory(saved)
                                      : static_cast<void>(store.save_to_memory());
                    }
                });
                CHECK(end && end->code() == errc::closed_handle);
            });
        }
        while (ready < 3) {
            std::this_thread::yield();
        }
        store.close();
        workers.join();
        CHECK(files.size() <= 1); // the file of before, or of the last save, and nothing beside
    }
}
