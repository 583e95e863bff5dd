/// The answers of mget: missing beside empty, who owns the bytes, and for how long.
#include <bytestore.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#endif

#include "../check.hpp"

namespace {

using bytestore::values;

static_assert(!std::is_copy_constructible_v<values> && !std::is_copy_assignable_v<values>);
static_assert(std::is_nothrow_move_constructible_v<values> && std::is_nothrow_move_assignable_v<values>);

// An answer of values that nobody owns would be a view of freed memory.
template <typename Values, typename = void> constexpr bool has_answers = false;
template <typename Values> constexpr bool has_answers<Values, std::void_t<decltype(std::declval<Values>()[0])>> = true;
static_assert(has_answers<values &> && has_answers<const values &>);
static_assert(!has_answers<values>);

#if __cplusplus >= 202002L
static_assert(std::ranges::input_range<const values>);
static_assert(std::ranges::common_range<const values>);
#endif

/// Small answers are copied into the buffer, large ones are the store's own memory.
constexpr std::size_t sizes[] = {0, 1, 100, 4095, 4096, 100000};

std::string value_of(std::size_t size) { return std::string(size, static_cast<char>('a' + size % 26)); }

void fill(bytestore::store &store) {
    for (const std::size_t size : sizes) {
        store.mset({{std::to_string(size), value_of(size)}});
    }
}

values get_all(const bytestore::store &store) {
    std::vector<std::string> keys;
    for (const std::size_t size : sizes) {
        keys.push_back(std::to_string(size));
    }
    return store.mget(keys);
}

bool are_all(const values &answer) {
    const auto is_value = [](std::optional<std::string_view> value, std::size_t size) {
        return value && *value == value_of(size);
    };
    return answer.size() == std::size(sizes) &&
           std::equal(answer.begin(), answer.end(), std::begin(sizes), std::end(sizes), is_value);
}

} // namespace

TEST(missing_is_not_empty) {
    bytestore::store store;
    store.mset({{"empty", ""}, {"full", "x"}});
    const values answer = store.mget({"empty", "missing", "full", "empty"});
    CHECK(answer.size() == 4 && !answer.empty());
    CHECK(answer[0].has_value() && answer[0]->empty() && answer[0]->data() != nullptr);
    CHECK(!answer[1].has_value());
    CHECK(answer[2] == "x");
    CHECK(answer[3] == "");
}

TEST(iteration_gives_the_same_as_indices) {
    bytestore::store store;
    store.mset({{"a", "1"}, {"b", ""}});
    const values answer = store.mget({"a", "none", "b"});
    std::size_t index = 0;
    for (std::optional<std::string_view> value : answer) {
        CHECK(value == answer[index]);
        ++index;
    }
    CHECK(index == 3);
    auto place = answer.begin();
    CHECK(*place++ == "1" && !*place);
    CHECK(std::distance(answer.begin(), answer.end()) == 3);
    const values none;
    CHECK(none.begin() == none.end() && none.size() == 0);
}

TEST(answers_of_every_size_come_back) {
    bytestore::store store;
    fill(store);
    CHECK(are_all(get_all(store)));
}

TEST(answers_outlive_what_happens_to_the_store) {
    values answer;
    {
        bytestore::store store;
        fill(store);
        answer = get_all(store);
        std::vector<std::string> keys;
        for (const std::size_t size : sizes) {
            keys.push_back(std::to_string(size));
        }
        store.mset(keys, std::vector<std::string>(keys.size(), std::string(5000, '#')));
        CHECK(are_all(answer));
        store.mdelete(keys);
        CHECK(are_all(answer));
        store.close();
        CHECK(are_all(answer));
    }
    bytestore::store another; // would take over memory that was given back
    another.mset({{"100000", std::string(100000, '#')}});
    CHECK(are_all(answer));
}

TEST(moving_keeps_the_bytes) {
    bytestore::store store;
    fill(store);
    values first = get_all(store);
    const char *const place = first[2]->data();
    values second = std::move(first);
    CHECK(second[2]->data() == place && are_all(second));
    CHECK(first.size() == 0); // empty, as the documentation says
    values third = store.mget({"none"});
    third = std::move(second);
    CHECK(third[2]->data() == place && are_all(third));
    CHECK(second.size() == 0);
}

TEST(many_answers_live_side_by_side) {
    bytestore::store store;
    fill(store);
    std::vector<values> kept;
    for (int i = 0; i < 100; ++i) {
        kept.push_back(get_all(store));
    }
    store.close();
    CHECK(std::all_of(kept.begin(), kept.end(), are_all));
}
