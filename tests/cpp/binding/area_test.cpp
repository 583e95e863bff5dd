/// mget_into: the answers of mget in memory that is used again.
#include <bytestore.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#include <span>
#endif

#include "../check.hpp"

namespace {

using bytestore::area;

static_assert(!std::is_copy_constructible_v<area> && !std::is_copy_assignable_v<area>);
static_assert(std::is_nothrow_move_constructible_v<area> && std::is_nothrow_move_assignable_v<area>);
#if __cplusplus >= 202002L
static_assert(std::ranges::input_range<const area>);
#endif

using strings = std::vector<std::string>;

bool same(const area &answer, const bytestore::values &expected) {
    return answer.size() == expected.size() && std::equal(answer.begin(), answer.end(), expected.begin());
}

} // namespace

TEST(an_area_that_is_new_takes_everything) {
    bytestore::store store;
    store.mset({{"empty", ""}, {"full", "x"}});
    area only_empty;
    store.mget_into({"empty"}, only_empty);
    CHECK(only_empty.size() == 1 && only_empty[0].has_value() && only_empty[0]->empty());
    area answer;
    store.mget_into({"empty", "missing", "full", "empty"}, answer);
    CHECK(answer.size() == 4 && !answer.empty());
    CHECK(answer[0] == "" && !answer[1] && answer[2] == "x" && answer[3] == "");
}

TEST(an_area_grows_and_is_used_again) {
    bytestore::store store;
    strings keys;
    for (const std::size_t size : {0u, 1u, 100u, 4095u, 4096u, 100000u, 3u}) {
        keys.push_back(std::to_string(size));
        store.mset({{keys.back(), std::string(size, static_cast<char>('a' + size % 26))}});
        keys.push_back("missing" + keys.back());
    }
    area answer;
    for (std::size_t end = 0; end <= keys.size(); ++end) { // larger every time
        const strings some(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(end));
        store.mget_into(some, answer);
        CHECK(same(answer, store.mget(some)));
    }
    for (std::size_t begin = 0; begin <= keys.size(); ++begin) { // and smaller
        const strings some(keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.end());
        store.mget_into(some, answer);
        CHECK(same(answer, store.mget(some)));
    }
}

TEST(an_empty_batch_empties_the_area) {
    bytestore::store store;
    store.mset({{"a", "1"}});
    area answer;
    CHECK(answer.empty() && answer.begin() == answer.end());
    store.mget_into({"a"}, answer);
    store.mget_into({}, answer);
    CHECK(answer.empty() && answer.begin() == answer.end());
}

TEST(an_error_leaves_no_answers) {
    bytestore::store store;
    store.mset({{"a", "1"}});
    area answer;
    store.mget_into({"a"}, answer);
    const std::string_view long_item("x", std::size_t{BYTESTORE_MAX_ITEM_LEN} + 1);
    const auto refused = check::thrown<bytestore::error>([&] { store.mget_into({"a", long_item}, answer); });
    CHECK(refused && refused->code() == bytestore::errc::invalid_argument && refused->index() == 1u);
    CHECK(answer.empty());
    store.mget_into({"a"}, answer);
    store.close();
    const auto closed = check::thrown<bytestore::error>([&] { store.mget_into({"a"}, answer); });
    CHECK(closed && closed->code() == bytestore::errc::closed_handle);
    CHECK(answer.empty());
}

TEST(answers_are_copies_that_move_with_the_area) {
    bytestore::store store;
    const std::string large(10000, 'v');
    store.mset({{"large", large}, {"small", "1"}});
    area answer;
    store.mget_into({"large", "small"}, answer);
    store.mset({{"large", "#"}, {"small", "#"}});
    store.close();
    CHECK(answer[0] == large && answer[1] == "1");
    const char *const place = answer[0]->data();
    area moved = std::move(answer);
    CHECK(answer.empty() && moved[0] == large && moved[0]->data() == place);
    answer = std::move(moved);
    CHECK(moved.empty() && answer[0] == large && answer[0]->data() == place);
}

#if __cplusplus >= 202002L
TEST(a_span_of_views_is_a_batch) {
    bytestore::store store;
    const std::string_view views[] = {"a", "b", "c"};
    const std::span<const std::string_view> keys(views);
    store.mset(keys, keys);
    area answer;
    store.mget_into(keys.subspan(1), answer);
    CHECK(answer.size() == 2 && answer[0] == "b" && answer[1] == "c");
}
#endif
