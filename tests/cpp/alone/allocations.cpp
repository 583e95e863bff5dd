/// No allocation for each key: none for a small batch, one for each list of a large one, none at all with an area that
/// is used again; and nothing stays behind of what was computed. Alone: it counts every new.
#include <bytestore.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "../check.hpp"

static std::size_t allocations = 0, frees = 0;

// The library has an allocator of its own: this counts what the headers and this file ask for.
void *operator new(std::size_t size) {
    ++allocations;
    if (void *memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void *operator new[](std::size_t size) { return operator new(size); }
void operator delete(void *memory) noexcept {
    frees += memory != nullptr;
    std::free(memory);
}
void operator delete[](void *memory) noexcept { operator delete(memory); }
void operator delete(void *memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void *memory, std::size_t) noexcept { operator delete(memory); }

template <typename Act> static std::size_t allocations_of(Act act) {
    const std::size_t before = allocations;
    act();
    return allocations - before;
}

// The documentation says so.
static_assert(bytestore::small_batch == 256);

static std::vector<std::string> keys_to(std::size_t size) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < size; ++i) {
        keys.push_back("a key that is longer than a short string " + std::to_string(i));
    }
    return keys;
}

TEST(what_is_counted) {
    CHECK(allocations_of([] { std::string(1000, 'x'); }) == 1);
}

TEST(a_small_batch_needs_none) {
    bytestore::store store;
    const std::vector<std::string> keys = keys_to(bytestore::small_batch);
    CHECK(allocations_of([&] { store.mset(keys, keys); }) == 0);
    CHECK(allocations_of([&] { store.mset({{keys[0], keys[1]}}); }) == 0);
    CHECK(allocations_of([&] { store.mset(keys, keys, bytestore::forever); }) == 0);
    CHECK(allocations_of([&] { store.stats(); }) == 0);
    std::size_t bytes = 0;
    CHECK(allocations_of([&] {
              for (std::optional<std::string_view> value : store.mget(keys)) {
                  bytes += value ? value->size() : 0;
              }
          }) == 0);
    CHECK(bytes > 0);
    CHECK(allocations_of([&] {
              for (std::string_view key : store.keys()) {
                  bytes += key.size();
              }
          }) == 0);
    CHECK(allocations_of([&] { store.mget({}); }) == 0);
    CHECK(allocations_of([&] { store.mdelete(keys); }) == 0);
}

TEST(views_need_no_allocation_of_their_own) {
    bytestore::store store;
    const std::vector<std::string> keys = keys_to(bytestore::small_batch);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    CHECK(allocations_of([&] { store.mset(views, views); }) == 0);
    CHECK(allocations_of([&] { store.mget(views); }) == 0);
    CHECK(allocations_of([&] { store.mget({views.data(), 1}); }) == 0);
}

TEST(an_area_that_is_used_again_needs_none) {
    bytestore::store store;
    const std::vector<std::string> keys = keys_to(10000);
    store.mset(keys, keys);
    bytestore::area answer;
    CHECK(allocations_of([&] { store.mget_into(keys, answer); }) > 0);
    CHECK(allocations_of([&] { store.mget_into(keys, answer); }) == 0);
    CHECK(allocations_of([&] { store.mget_into({keys[0]}, answer); }) == 0);
    CHECK(allocations_of([&] { store.mget_into(keys, answer); }) == 0);
    CHECK(answer.size() == keys.size() && answer[9999] == keys[9999]);
}

TEST(a_large_batch_needs_one_for_each_list) {
    bytestore::store store;
    const std::vector<std::string> keys = keys_to(bytestore::small_batch + 1);
    CHECK(allocations_of([&] { store.mset(keys, keys); }) == 2);
    CHECK(allocations_of([&] { store.mset(keys, keys, bytestore::forever); }) == 2);
    CHECK(allocations_of([&] { store.mget(keys); }) == 1);
    CHECK(allocations_of([&] { store.mdelete(keys); }) == 1);
}

TEST(nothing_stays_behind_a_computation) {
    bytestore::store store;
    bytestore::store within = store.namespaced("a namespace with a name that is longer than a short string");
    const std::vector<std::string> keys = keys_to(300);
    const std::size_t before = allocations - frees;
    const auto failing = [](const auto &missing) {
        if (missing.size() > 100) {
            throw std::runtime_error("too many of them");
        }
        return std::vector<std::string>(missing.size(), std::string(100, 'v'));
    };
    bool failed = false;
    for (int round = 0; round < 3; ++round) {
        try {
            within.mget_or_compute(keys, failing);
        } catch (const std::runtime_error &) {
            failed = true;
        }
        within.mget_or_compute({keys[0], keys[1]}, failing);
        within.mdelete({keys[0]});
    }
    CHECK(failed && allocations - frees == before);
    const auto kept = within.mget_or_compute({keys[0]}, failing);
    CHECK(kept.size() == 1 && allocations - frees > before); // the measure can fail
}

int main() { return check::run_all("allocations"); }
