/// Forks beside and within computations: the child computes whatever only the parent's other threads were computing.
/// Alone, because AddressSanitizer's allocator does not survive a fork beside threads that allocate (gcc 12).
#include <bytestore.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../binding/crew.hpp"
#include "../check.hpp"

namespace {

using bytestore::errc;
using bytestore::error;
using bytestore::store;
using strings = std::vector<std::string>;
using views = std::vector<std::string_view>;

constexpr unsigned give_up = 60; // seconds, after which a child that hangs is killed

void await_waiting(std::size_t threads) {
    while (bytestore::detail::flight::waiting_threads() != threads) {
        std::this_thread::yield();
    }
}

strings all(const bytestore::computed_values &values) { return strings(values.begin(), values.end()); }

strings themselves(const views &missing) { return strings(missing.begin(), missing.end()); }

/// Whether `work` is true in a child, too.
bool holds_in_child(const std::function<bool()> &work) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(give_up);
        _exit(work() ? 0 : 1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST(the_child_computes_what_others_were_computing) {
    store store;
    gate begun, forked;
    crew threads;
    threads.start([&] {
        store.mget_or_compute({"a", "b"}, [&](const views &missing) {
            begun.open();
            forked.pass();
            return themselves(missing);
        });
    });
    begun.pass();
    for (int i = 0; i < 2; ++i) {
        threads.start([&] { CHECK(all(store.mget_or_compute({"b"}, themselves)) == strings{"b"}); });
    }
    await_waiting(2);
    CHECK(holds_in_child([&] {
        const strings keys{"a", "b", "c"};
        return bytestore::detail::flight::waiting_threads() == 0 &&
               all(store.mget_or_compute(keys, themselves)) == keys && store.size() == 3;
    }));
    CHECK(bytestore::detail::flight::waiting_threads() == 2);
    forked.open();
}

TEST(a_computation_that_forks_goes_on_in_the_child) {
    store store;
    gate b_begun, a_begun, forked;
    crew threads;
    threads.start([&] {
        store.mget_or_compute({"b"}, [&](const views &missing) {
            b_begun.open();
            forked.pass();
            return themselves(missing);
        });
    });
    b_begun.pass();
    threads.start([&] {
        a_begun.pass();
        CHECK(all(store.mget_or_compute({"a"}, themselves)) == strings{"a"});
    });
    pid_t child = -1;
    bool is_refused = false, heir_is_right = false; // in the child
    std::thread heir;
    const auto values = store.mget_or_compute({"a", "b"}, [&](const views &missing) {
        if (missing[0] == "b") { // in the child, once "a" is done: nobody else computes it there
            return strings{"the child's"};
        }
        a_begun.open();
        await_waiting(1);
        child = fork();
        if (child == 0) {
            alarm(give_up);
            const auto refused = check::thrown<error>([&] { store.mget_or_compute({"a"}, themselves); });
            is_refused = refused && refused->code() == errc::invalid_argument;
            heir = std::thread([&] { heir_is_right = all(store.mget_or_compute({"a"}, themselves)) == strings{"a"}; });
            await_waiting(1);
        } else {
            forked.open();
        }
        return themselves(missing);
    });
    if (child == 0) {
        heir.join();
        _exit(is_refused && heir_is_right && all(values) == strings{"a", "the child's"} ? 0 : 1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK((all(values) == strings{"a", "b"}));
}

TEST(forks_beside_threads_that_compute) {
    store stores[2];
    std::atomic<bool> done{false};
    crew threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.start([&, thread] {
            for (int turn = thread; !done; ++turn) {
                store &some = stores[turn % 2];
                const strings keys{std::to_string(turn % 8), std::to_string(turn % 7)};
                CHECK(all(some.mget_or_compute(keys, themselves)) == keys);
                some.mdelete(keys);
            }
        });
    }
    int right = 0;
    for (int i = 0; i < 100; ++i) {
        right += holds_in_child([&] {
            const strings keys{"0", "1", "2", "3", "4", "5", "6", "7"};
            return all(stores[0].mget_or_compute(keys, themselves)) == keys &&
                   all(stores[1].mget_or_compute(keys, themselves)) == keys &&
                   holds_in_child([&] { return all(stores[0].mget_or_compute({"x"}, themselves)) == strings{"x"}; });
        });
    }
    done = true;
    threads.join();
    CHECK(right == 100);
}

int main() { return check::run_all("forks"); }
