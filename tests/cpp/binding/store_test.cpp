/// The store as an object: who owns it, moving, closing, and errors as exceptions.
#include <bytestore.hpp>

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../check.hpp"

namespace {

using bytestore::errc;
using bytestore::error;
using bytestore::store;

static_assert(!std::is_copy_constructible_v<store> && !std::is_copy_assignable_v<store>);
static_assert(std::is_nothrow_move_constructible_v<store> && std::is_nothrow_move_assignable_v<store>);
static_assert(std::is_nothrow_swappable_v<store> && std::is_nothrow_destructible_v<store>);
static_assert(std::is_base_of_v<std::runtime_error, error>);

/// The code that every operation fails with, if all fail with the same.
std::optional<errc> code_of_all(store &store) {
    std::optional<errc> code;
    bool same = true;
    const auto must_fail = [&](auto act) {
        const auto thrown = check::thrown<error>(act);
        same = same && thrown && (!code || *code == thrown->code());
        code = thrown ? std::optional(thrown->code()) : code;
    };
    must_fail([&] { store.mset({{"a", "1"}}); });
    must_fail([&] { store.mset({"a"}, {"1"}); });
    must_fail([&] { store.mset({}); });
    must_fail([&] { store.mset({{"a", "1"}}, std::chrono::seconds(1)); });
    must_fail([&] { store.mset({"a"}, {"1"}, bytestore::forever); });
    must_fail([&] { store.stats(); });
    must_fail([&] { store.advance_clock(std::chrono::seconds(1)); });
    must_fail([&] { store.mget({"a"}); });
    must_fail([&] { store.mget({}); });
    must_fail([&] { store.mdelete({"a"}); });
    must_fail([&] { store.mget_or_compute({"a"}, [](const auto &) { return std::vector<std::string>{"1"}; }); });
    must_fail([&] { store.mget_or_compute({}, nullptr); });
    must_fail([&] { store.keys(); });
    must_fail([&] { store.page("a", 1); });
    must_fail([&] { store.count("a"); });
    must_fail([&] { store.delete_prefix("a"); });
    must_fail([&] { store.namespaced("a"); });
    must_fail([&] { store.size(); });
    must_fail([&] { store.save("/nosuch/file"); });
    must_fail([&] { store.save_to_memory(); });
    must_fail([&] { store.load("/nosuch/file"); });
    must_fail([&] { store.load_from_memory("no snapshot"); });
    must_fail([&] { store.progress(); });
    return same ? code : std::nullopt;
}

} // namespace

TEST(stores_are_apart) {
    store first, second = store::open("memory:"), third = store::open("memory:?");
    first.mset({{"key", "first"}});
    second.mset({{"key", "second"}});
    CHECK(first.size() == 1 && second.size() == 1 && third.size() == 0);
    const bytestore::values answer = first.mget({"key"});
    CHECK(answer[0] == "first");
}

TEST(mdelete_says_how_many_there_were) {
    store store;
    store.mset({{"a", ""}, {"b", ""}, {"c", ""}});
    CHECK(store.mdelete({"a", "none", "a", "b"}) == 2);
    CHECK(store.mdelete({"a"}) == 0);
    CHECK(store.size() == 1);
}

TEST(moving_hands_the_entries_over) {
    store first;
    first.mset({{"key", "first"}});
    store second = std::move(first);
    CHECK(second.size() == 1);
    CHECK(code_of_all(first) == errc::closed_handle);
    first.close(); // does nothing
    store third;
    third.mset({{"a", ""}, {"b", ""}});
    third = std::move(second);
    CHECK(third.size() == 1 && code_of_all(second) == errc::closed_handle);
    store fourth;
    swap(third, fourth);
    CHECK(third.size() == 0 && fourth.size() == 1);
    first = std::move(fourth); // what was moved from can be used again
    CHECK(first.size() == 1);
}

TEST(closing_is_final_and_may_be_repeated) {
    store store;
    store.mset({{"a", "1"}});
    store.close();
    store.close();
    CHECK(code_of_all(store) == errc::closed_handle);
}

TEST(the_native_handle_is_the_same_store) {
    store store;
    const bytestore_slice key{nullptr, 0}, value{reinterpret_cast<const std::uint8_t *>("1"), 1};
    CHECK(bytestore_mset(store.native_handle(), 1, &key, nullptr, &value, nullptr) == BYTESTORE_OK);
    const bytestore::values answer = store.mget({""});
    CHECK(answer[0] == "1");
}

TEST(a_url_that_is_refused_names_the_part) {
    const auto refused = [](const std::string &url) { return check::thrown<error>([&] { store::open(url); }); };
    const auto scheme = refused("nosuch:");
    CHECK(scheme && scheme->code() == errc::invalid_argument && scheme->part() == "nosuch" && !scheme->index());
    const auto option = refused("memory:?nosuch=1");
    CHECK(option && option->code() == errc::invalid_argument && option->part().find("nosuch") == 0);
    CHECK(option && std::string(option->what()).find("invalid_argument: URL part \"nosuch") != std::string::npos);
    CHECK(refused(""));
    // C would see a good URL here, that ends early.
    const auto nul = refused(std::string("memory:\0nosuch", 14));
    CHECK(nul && nul->code() == errc::invalid_argument && nul->part() == std::string("\0nosuch", 7));
}

TEST(an_item_that_is_refused_is_named) {
    // No such bytes are there: they are longer than an item may be, and refused before anybody reads them.
    const std::string_view long_item("x", std::size_t{BYTESTORE_MAX_ITEM_LEN} + 1);
    store store;
    store.mset({{"a", "1"}});
    const auto key = check::thrown<error>([&] { store.mset({{"a", "2"}, {long_item, "2"}}); });
    CHECK(key && key->code() == errc::invalid_argument && key->index() == 1u && key->part().empty());
    CHECK(key && std::string(key->what()).find("invalid_argument: key 1: ") != std::string::npos);
    const auto value = check::thrown<error>([&] { store.mset({{"a", "2"}, {"b", "2"}, {"c", long_item}}); });
    CHECK(value && value->index() == 2u);
    CHECK(value && std::string(value->what()).find("invalid_argument: value 2: ") != std::string::npos);
    const auto wanted = check::thrown<error>([&] { store.mget({long_item}); });
    CHECK(wanted && wanted->index() == 0u);
    const auto removed = check::thrown<error>([&] { store.mdelete({"a", long_item}); });
    CHECK(removed && removed->index() == 1u);
    // All or nothing.
    const bytestore::values answer = store.mget({"a", "b"});
    CHECK(store.size() == 1 && answer[0] == "1" && !answer[1]);
}

TEST(a_prefix_that_is_too_long_is_refused) {
    store store;
    const std::string_view prefix("x", std::numeric_limits<std::size_t>::max());
    const auto is_refused = [](auto act) {
        const auto refused = check::thrown<error>(act);
        return refused && refused->code() == errc::invalid_argument && !refused->index();
    };
    CHECK(is_refused([&] { store.keys(prefix); }) && is_refused([&] { store.page(prefix, 1); }));
    CHECK(is_refused([&] { store.count(prefix); }) && is_refused([&] { store.delete_prefix(prefix); }));
    CHECK(is_refused([&] { store.namespaced(prefix); }));
}

TEST(codes_have_the_names_of_every_language) {
    using namespace std::string_literals;
    CHECK(name(errc::invalid_argument) == "invalid_argument"s);
    CHECK(name(errc::closed_handle) == "closed_handle"s);
    CHECK(name(errc::out_of_memory) == "out_of_memory"s);
    CHECK(name(errc::over_limit) == "over_limit"s);
    CHECK(name(errc::remote_failure) == "remote_failure"s);
    CHECK(name(errc::internal_error) == "internal_error"s);
    CHECK(name(errc::io_failure) == "io_failure"s);
    CHECK(name(errc::bad_snapshot) == "bad_snapshot"s);
    CHECK(name(errc::unsupported) == "unsupported"s);
    CHECK(name(static_cast<errc>(12345)) == "unknown"s);
    const error error(errc::over_limit);
    CHECK(error.what() == "bytestore: over_limit: "s + bytestore_status_message(BYTESTORE_ERR_OVER_LIMIT));
    CHECK(error.part().empty() && !error.index() && !error.reason());
}
