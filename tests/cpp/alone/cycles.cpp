/// Opening, using and closing, over and over: memory and the library's own count of openings come back to where they
/// were. Alone, because sanitizers and valgrind keep what is freed.
#include <bytestore.hpp>

#include <malloc.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include "../check.hpp"

namespace {

using strings = std::vector<std::string>;
using views = std::vector<std::string_view>;

const std::string value(64 << 10, 'v');

/// Uses all there is. Its store has options that no other cycle's has: if anything of that name were still open,
/// opening would be refused.
void cycle(std::size_t number) {
    bytestore::options options;
    options.name = "cycles";
    options.max_entries = 1000 + number;
    bytestore::store store(options);
    bytestore::store space = store.namespaced("space/");
    bytestore::store inner = space.namespaced("inner/");
    for (std::size_t i = 0; i < 20; ++i) {
        inner.mset({{std::to_string(i), std::string_view(value).substr(0, i * i * 100)}});
    }
    inner.mset({{"t", value}}, std::chrono::seconds(60));
    const bytestore::values values = store.mget({"space/inner/19", "none"});
    bytestore::area area;
    inner.mget_into({"t", "1", "none"}, area);
    bytestore::key_range keys = inner.keys("1");
    CHECK(*keys.begin() == "1");
    CHECK(inner.page("", 5).size() == 5);
    const bytestore::computed_values computed =
        space.mget_or_compute({"inner/1", "computed"}, [](const views &) { return strings{value}; });
    CHECK(check::thrown<int>([&] { inner.mget_or_compute({"failed"}, [](const views &) -> strings { throw 1; }); }));
    CHECK(inner.delete_prefix("1") == 11);
    space.close();
    store.close();
    inner.close();
    CHECK(values[0] == std::string_view(value).substr(0, 36100));
    CHECK(*computed.begin() == value.substr(0, 100));
    CHECK(area[0] == value);
}

long resident() {
    malloc_trim(0);
    long all = 0, here = 0;
    std::ifstream("/proc/self/statm") >> all >> here;
    return here * sysconf(_SC_PAGESIZE);
}

} // namespace

TEST(cycles_leave_nothing) {
    const char *const asked = std::getenv("BYTESTORE_CYCLES");
    const std::size_t cycles = asked ? std::stoul(asked) : 1000;
    for (std::size_t number = 0; number < 300; ++number) { // what is made only once does not count
        cycle(number);
    }
    const long before = resident();
    for (std::size_t number = 300; number < 300 + cycles; ++number) {
        cycle(number);
    }
    const long grown = resident() - before;
    std::cout << "cycles: " << cycles << ", and " << grown / 1024 << " KiB more resident\n";
    CHECK(grown < 8 << 20);
}

int main() { return check::run_all("cycles"); }
