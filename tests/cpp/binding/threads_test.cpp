/// One store, many threads: batches are atomic, and closing beside running calls is safe.
#include <bytestore.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../check.hpp"
#include "crew.hpp"

namespace {

using strings = std::vector<std::string>;

strings some_keys() {
    strings keys;
    for (int i = 0; i < 100; ++i) {
        keys.push_back("key" + std::to_string(i));
    }
    return keys;
}

bool all_equal(const bytestore::values &answer) {
    const std::optional<std::string_view> first = answer[0];
    return std::all_of(answer.begin(), answer.end(), [&](auto value) { return value == first; });
}

} // namespace

TEST(nobody_sees_half_a_batch) {
    bytestore::store store;
    const strings keys = some_keys();
    std::atomic<int> writing{2};
    crew writers;
    for (int writer = 0; writer < 2; ++writer) {
        writers.start([&, writer] {
            for (int round = 0; round < 300; ++round) {
                if (round % 3 == 2) {
                    store.mdelete(keys);
                } else {
                    // Of both kinds: copied into the answer, and shared with the store.
                    const std::size_t size = round % 2 == 0 ? 10 : 5000;
                    store.mset(keys, strings(keys.size(), std::string(size, static_cast<char>('a' + writer))));
                }
            }
            --writing;
        });
    }
    while (writing > 0) {
        CHECK(all_equal(store.mget(keys)));
        const std::size_t size = store.size();
        CHECK(size == 0 || size == keys.size());
    }
    CHECK(all_equal(store.mget(keys)));
}

TEST(answers_and_ranges_may_change_threads) {
    bytestore::store store;
    const strings keys = some_keys();
    store.mset(keys, keys);
    bytestore::values answer = store.mget(keys);
    bytestore::key_range range = store.keys();
    CHECK(*range.begin() == keys[0]);
    std::thread([&, answer = std::move(answer), range = std::move(range)]() mutable {
        CHECK(std::equal(answer.begin(), answer.end(), keys.begin(), keys.end()));
        CHECK(strings(range.begin(), range.end()) == keys);
    }).join();
}

TEST(closing_beside_running_calls) {
    for (int round = 0; round < 50; ++round) {
        bytestore::store store;
        const strings keys = some_keys();
        std::atomic<int> ready{0};
        crew workers;
        for (int worker = 0; worker < 2; ++worker) {
            workers.start([&, worker] {
                const auto end = check::thrown<bytestore::error>([&] {
                    for (;;) {
                        if (worker == 0) {
                            store.mset(keys, keys);
                        } else {
                            const bytestore::values answer = store.mget(keys);
                            CHECK(all_equal(answer) || answer[99] == "key99");
                        }
                        ++ready;
                    }
                });
                CHECK(end && end->code() == bytestore::errc::closed_handle);
            });
        }
        while (ready < 4) {
            std::this_thread::yield();
        }
        store.close();
    }
}
