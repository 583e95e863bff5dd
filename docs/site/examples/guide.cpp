// The C++ of the guide's pages: each function is one page, the tests run them all.
#include <bytestore.hpp>

#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

void open() {
    // --8<-- [start:open]
    bytestore::store store; // empty, in this process, without bounds

    bytestore::options options;
    options.max_bytes = 512u << 20;
    options.ttl = std::chrono::hours(1);
    bytestore::store cache(options);

    // As every language says it.
    auto same = bytestore::store::open("memory:?max_bytes=512MiB&ttl=1h");

    bytestore::options named;
    named.name = "answers"; // one store for all who open this name in the process
    bytestore::store ours(named);
    auto theirs = bytestore::store::open("memory:answers");
    ours.mset({{"question", "42"}});
    const bytestore::values answers = theirs.mget({"question"});
    std::cout << "by name: " << *answers[0] << '\n';
    // --8<-- [end:open]
}

void batches() {
    // --8<-- [start:batches]
    bytestore::store store;
    store.mset({{"user/1", "Ada"}, {"user/2", "Grace"}, {"draft", ""}});

    const std::string_view keys[] = {"user/1", "draft", "user/9"};
    const bytestore::values answers = store.mget(keys); // owns the bytes that its views show
    for (std::size_t i = 0; i < answers.size(); ++i) {
        std::cout << keys[i] << ": ";
        if (answers[i]) { // an empty value is an empty view
            std::cout << answers[i]->size() << " bytes\n";
        } else {
            std::cout << "missing\n";
        }
    }

    for (std::string_view key : store.keys("user/")) {
        std::cout << key << '\n';
    }

    std::cout << "deleted " << store.mdelete({"user/1", "user/9"}) << '\n';
    // --8<-- [end:batches]
}

void bounds() {
    // --8<-- [start:bounds]
    using namespace std::chrono_literals;
    bytestore::options options;
    options.max_bytes = 64u << 20;
    options.max_item_bytes = 1u << 20;
    options.ttl = 1h;
    options.manual_clock = true;
    bytestore::store cache(options);
    cache.mset({{"page", "<html>"}}); // lives for an hour
    cache.mset({{"token", "s3cret"}}, 30s);

    cache.advance_clock(30s); // only with manual_clock, for tests
    const bytestore::values answers = cache.mget({"page", "token"});
    std::cout << "page: " << (answers[0] ? "there" : "missing") << '\n';
    std::cout << "token: " << (answers[1] ? "there" : "missing") << '\n';

    try {
        cache.mset({{"film", std::string(2u << 20, '\0')}});
    } catch (const bytestore::error &error) {
        std::cout << "film: " << name(error.code()) << '\n'; // errc::over_limit
    }
    // --8<-- [end:bounds]
}

void prefixes() {
    // --8<-- [start:prefixes]
    bytestore::store store;
    store.mset({{"user/1", "Ada"}, {"user/2", "Grace"}, {"draft", ""}, {"user/3", "Alan"}});
    std::cout << store.count("user/") << " users\n";

    const bytestore::key_page first = store.page("user/", 2);
    std::cout << "first page: " << first[0] << ' ' << first[1] << '\n';
    // Where it goes on is a number: later, from a web handler.
    const bytestore::key_page next = store.page("user/", 2, first.next());
    std::cout << "next page: " << next[0] << '\n';

    // A store of its own, of the keys that begin so.
    bytestore::store users = store.namespaced("user/");
    const bytestore::values names = users.mget({"2"});
    std::cout << "user 2 is " << *names[0] << '\n';
    std::cout << "deleted " << store.delete_prefix("user/") << '\n';
    // --8<-- [end:prefixes]
}

void compute() {
    // --8<-- [start:compute]
    using namespace std::chrono_literals;
    bytestore::store pages;

    // Called once, however many threads miss these keys.
    const auto fetch = [](const std::vector<std::string_view> &names) {
        std::cout << "fetching";
        std::vector<std::string> fetched;
        for (std::string_view name : names) {
            std::cout << ' ' << name;
            fetched.push_back("<h1>" + std::string(name) + "</h1>");
        }
        std::cout << '\n';
        return fetched;
    };

    pages.mget_or_compute({"tea", "cake"}, fetch, 1h);
    const auto values = pages.mget_or_compute({"tea", "milk"}, fetch, 1h);
    for (std::string_view page : values) {
        std::cout << page << '\n';
    }
    // --8<-- [end:compute]
}

void counters() {
    // --8<-- [start:counters]
    bytestore::store store;
    store.mset({{"tea", "hot"}});
    store.mget({"tea", "tea", "tea", "cake"});

    const bytestore::stats stats = store.stats();
    std::cout << stats.entries << " entry, " << stats.hits << " hits, " << stats.misses
              << " miss, ratio " << std::fixed << std::setprecision(2) << stats.hit_ratio()
              << '\n';
    // --8<-- [end:counters]
}

void snapshots() {
    // --8<-- [start:snapshots]
    bytestore::options options;
    options.max_bytes = 64u << 20;
    bytestore::store users(options);
    users.mset({{"1", "Ada"}, {"2", "Grace"}});
    users.save("users.snapshot", 3); // as of one moment, while others write; 0: not compressed

    // A new store, with the options of the old one.
    auto again = bytestore::store::open("snapshot:users.snapshot");
    std::cout << again.size() << " entries\n";

    try {
        users.load("no/such.snapshot"); // in place of what is there, in one step
    } catch (const bytestore::error &error) {
        // error.reason() is std::errc::no_such_file_or_directory.
        std::cout << name(error.code()) << '\n';
    }
    // --8<-- [end:snapshots]
}

void servers() {
    // --8<-- [start:servers]
    // Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h
    const char *url = std::getenv("STORE_URL");
    auto answers = bytestore::store::open(url ? url : "memory:"); // nothing is sent yet
    try {
        answers.mset({{"question", "42"}});
        const bytestore::values found = answers.mget({"question"});
        std::cout << "question: " << found[0].value_or("missing") << '\n';
    } catch (const bytestore::error &error) { // the server's own words, or the system's
        std::cout << "no answers today: " << error.remote_message() << '\n';
    }

    const bool ordered = answers.capabilities().insertion_order;
    std::cout << "keys keep their order: " << (ordered ? "yes" : "no") << '\n';
    // --8<-- [end:servers]
}

void errors() {
    // --8<-- [start:errors]
    try {
        bytestore::store::open("nosuch:");
    } catch (const bytestore::error &error) { // a std::runtime_error, too
        std::cout << name(error.code()) << '\n';
    }

    bytestore::store store;
    store.close();
    try {
        store.mget({"tea"});
    } catch (const bytestore::error &error) {
        if (error.code() == bytestore::errc::closed_handle) {
            std::cout << name(error.code()) << '\n';
        }
    }
    // --8<-- [end:errors]
}

} // namespace

int main() {
    open();
    batches();
    bounds();
    prefixes();
    compute();
    counters();
    snapshots();
    servers();
    errors();
}
