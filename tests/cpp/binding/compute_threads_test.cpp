/// Getting keys or computing them, on many threads: one computes, the others wait, and nobody waits for ever.
#include <bytestore.hpp>

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../check.hpp"
#include "crew.hpp"

namespace {

using bytestore::errc;
using bytestore::error;
using bytestore::store;
using strings = std::vector<std::string>;
using views = std::vector<std::string_view>;

struct own_error {
    int number;
};

/// Until so many threads wait for a computation. A hang is the suite's to notice.
void await_waiting(std::size_t threads) {
    while (bytestore::detail::flight::waiting_threads() != threads) {
        std::this_thread::yield();
    }
}

strings all(const bytestore::computed_values &values) { return strings(values.begin(), values.end()); }

strings not_to_be_called(const views &) {
    CHECK(!"computed by two");
    return {};
}

/// One thread begins to compute "a"; when so many others wait for it, `compute` says what comes of it. What happens to
/// the one who computes and to those who wait is the caller's to look at.
void share(store &store, std::size_t waiters, const bytestore::computation &compute,
           const std::function<void(const std::function<void()> &)> &look) {
    gate begun;
    crew threads;
    threads.start([&] {
        look([&] {
            store.mget_or_compute({"a"}, [&](const views &missing) {
                begun.open();
                await_waiting(waiters);
                return compute(missing);
            });
        });
    });
    begun.pass();
    for (std::size_t i = 0; i < waiters; ++i) {
        threads.start([&] { look([&] { store.mget_or_compute({"a"}, not_to_be_called); }); });
    }
}

} // namespace

TEST(one_computes_and_the_others_get_its_value) {
    store store;
    std::atomic<int> computed{0}, right{0};
    {
        gate begun;
        crew threads;
        const auto get = [&](const bytestore::computation &compute) {
            right += all(store.mget_or_compute({"a", "b", "a"}, compute)) == strings{"1", "2", "1"};
        };
        threads.start([&] {
            get([&](const views &missing) {
                ++computed;
                begun.open();
                await_waiting(7);
                CHECK(missing.size() == 2);
                return strings{"1", "2"};
            });
        });
        begun.pass();
        for (int i = 0; i < 7; ++i) {
            threads.start([&] { get(not_to_be_called); });
        }
    }
    CHECK(computed == 1 && right == 8);
    const bytestore::stats stats = store.stats();
    CHECK(stats.hits == 0 && stats.misses == 24 && stats.sets == 2); // nobody looked again
}

TEST(those_who_wait_need_no_store) {
    store store;
    std::atomic<int> right{0};
    gate begun;
    crew threads;
    threads.start([&] {
        store.mget_or_compute({"a"}, [&](const views &) {
            begun.open();
            await_waiting(2);
            return strings{"v"};
        });
        CHECK(store.mdelete({"a"}) == 1);
    });
    begun.pass();
    for (int i = 0; i < 2; ++i) {
        threads.start([&] { right += all(store.mget_or_compute({"a"}, not_to_be_called)) == strings{"v"}; });
    }
    while (right != 2) {
        std::this_thread::yield();
    }
    CHECK(store.stats().hits == 0);
}

TEST(an_error_is_everybodys_and_not_kept) {
    store store;
    std::atomic<int> errors{0};
    share(
        store, 3, [](const views &) -> strings { throw own_error{7}; },
        [&](const auto &act) {
            const auto failed = check::thrown<own_error>(act);
            errors += failed && failed->number == 7;
        });
    CHECK(errors == 4 && store.size() == 0);
    CHECK(all(store.mget_or_compute({"a"}, [](const views &) { return strings{"v"}; })) == strings{"v"});
}

TEST(errors_of_setting_are_everybodys) {
    const auto codes = [](store &&store, const bytestore::computation &compute) {
        std::atomic<int> invalid{0}, over{0}, closed{0};
        share(store, 2, compute, [&](const auto &act) {
            const auto failed = check::thrown<error>(act);
            invalid += failed && failed->code() == errc::invalid_argument;
            over += failed && failed->code() == errc::over_limit;
            closed += failed && failed->code() == errc::closed_handle;
        });
        return std::vector<int>{invalid, over, closed};
    };
    CHECK((codes(store(), [](const views &) { return strings{"1", "2"}; }) == std::vector<int>{3, 0, 0}));
    CHECK((codes(store::open("memory:?max_item_bytes=5"), [](const views &) { return strings{"12345"}; }) ==
           std::vector<int>{0, 3, 0}));
    store closing;
    store within = closing.namespaced("");
    CHECK((codes(std::move(within), [&](const views &) { // a view that stays open: no error at all
               closing.close();
               return strings{"1"};
           }) == std::vector<int>{0, 0, 0}));
}

TEST(closing_meanwhile_is_an_error_for_all) {
    store store;
    std::atomic<int> closed{0};
    share(
        store, 2,
        [&](const views &) {
            store.close();
            return strings{"1"};
        },
        [&](const auto &act) {
            const auto failed = check::thrown<error>(act);
            closed += failed && failed->code() == errc::closed_handle;
        });
    CHECK(closed == 3);
}

TEST(namespaces_compute_once_together) {
    store store;
    gate begun;
    crew threads;
    threads.start([&] {
        store.namespaced("n/").mget_or_compute({"a"}, [&](const views &missing) {
            CHECK(missing[0] == "a");
            begun.open();
            await_waiting(2);
            return strings{"v"};
        });
    });
    begun.pass();
    threads.start([&] { CHECK(all(store.mget_or_compute({"n/a"}, not_to_be_called)) == strings{"v"}); });
    threads.start([&] {
        auto within = store.namespaced("n").namespaced("/");
        CHECK(all(within.mget_or_compute({"a"}, not_to_be_called)) == strings{"v"});
    });
}

TEST(a_batch_computes_its_own_before_it_waits) {
    store store;
    gate first_begun, second_done;
    crew threads;
    threads.start([&] {
        const auto values = store.mget_or_compute({"a", "b"}, [&](const views &) {
            first_begun.open();
            second_done.pass();
            await_waiting(1);
            return strings{"1", "2"};
        });
        CHECK((all(values) == strings{"1", "2"}));
    });
    first_begun.pass();
    const auto values = store.mget_or_compute({"b", "c"}, [&](const views &missing) {
        CHECK(missing.size() == 1 && missing[0] == "c");
        second_done.open();
        return strings{"3"};
    });
    CHECK((all(values) == strings{"2", "3"}));
}

TEST(batches_overlap_in_any_order) {
    for (int round = 0; round < 20; ++round) {
        store store;
        constexpr std::size_t keys = 40;
        std::vector<std::atomic<int>> computed(keys);
        crew threads;
        for (unsigned thread = 0; thread < 6; ++thread) {
            threads.start([&, thread] {
                std::mt19937 random(static_cast<unsigned>(round) * 100 + thread);
                strings batch;
                for (std::size_t i = 0; i < keys; ++i) {
                    batch.push_back(std::to_string(i));
                }
                for (std::size_t size = 3; size <= keys; size += 3) {
                    std::shuffle(batch.begin(), batch.end(), random);
                    const strings some(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(size));
                    const auto values = store.mget_or_compute(some, [&](const views &missing) {
                        std::this_thread::yield();
                        for (const std::string_view key : missing) {
                            ++computed[std::stoul(std::string(key))];
                        }
                        return strings(missing.begin(), missing.end());
                    });
                    CHECK(all(values) == some);
                }
            });
        }
        threads.join();
        CHECK(std::all_of(computed.begin(), computed.end(), [](const auto &times) { return times == 1; }));
    }
}

TEST(a_circle_over_two_threads_is_refused) {
    for (const bool two_stores : {false, true}) {
        store first, second;
        store &other = two_stores ? second : first;
        gate a_begun, b_begun;
        std::atomic<int> refused{0};
        const auto ask = [&](store &own, const char *key, gate &begun, gate &others, store &theirs,
                             const char *wanted) {
            const auto failed = check::thrown<error>([&] {
                own.mget_or_compute({key}, [&](const views &) {
                    begun.open();
                    others.pass();
                    return all(theirs.mget_or_compute({wanted}, not_to_be_called));
                });
            });
            refused += failed && failed->code() == errc::invalid_argument;
        };
        crew threads;
        threads.start([&] { ask(first, "a", a_begun, b_begun, other, "b"); });
        threads.start([&] { ask(other, "b", b_begun, a_begun, first, "a"); });
        threads.join();
        CHECK(refused == 2); // the one who asks last, and the one who waits for it
        CHECK(first.size() == 0 && second.size() == 0);
    }
}

TEST(a_chain_over_threads_is_no_circle) {
    store store;
    gate a_begun, b_begun;
    crew threads;
    threads.start([&] {
        store.mget_or_compute({"a"}, [&](const views &) {
            a_begun.open();
            await_waiting(2);
            return strings{"1"};
        });
    });
    threads.start([&] {
        a_begun.pass();
        store.mget_or_compute({"b"}, [&](const views &) {
            b_begun.open();
            return all(store.mget_or_compute({"a"}, not_to_be_called));
        });
    });
    b_begun.pass();
    CHECK(all(store.mget_or_compute({"b"}, not_to_be_called)) == strings{"1"});
}

TEST(when_the_one_who_computes_is_stopped_another_does) {
    store store;
    gate begun, never;
    std::atomic<int> computed{0}, right{0};
    std::thread stopped([&] {
        store.mget_or_compute({"a", "b"}, [&](const views &) {
            begun.open();
            never.pass();
            return strings{"never", "never"};
        });
    });
    begun.pass();
    {
        crew threads;
        for (int i = 0; i < 3; ++i) {
            threads.start([&] {
                const auto values = store.mget_or_compute({"b", "a"}, [&](const views &missing) {
                    ++computed;
                    return strings(missing.begin(), missing.end());
                });
                right += all(values) == strings{"b", "a"};
            });
        }
        await_waiting(3);
        CHECK(pthread_cancel(stopped.native_handle()) == 0);
    }
    stopped.join();
    CHECK(computed == 1 && right == 3 && store.stats().sets == 2);
}

TEST(nobody_waits_in_the_end) { CHECK(bytestore::detail::flight::waiting_threads() == 0); }
