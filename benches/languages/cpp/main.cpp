/// bytestore's C++ binding beside the maps that a C++ program would use instead, and beside the C ABI that it stands
/// on, in one process and in turns.
///
///     bench                  everything
///     bench --quick          the base case, and where all is in the cache
///     bench --check          one short turn of each case, for the answers
///     bench --resident NAME  resident memory an entry, key and value included, of bytestore or a map alone
///
/// Keys have 35 bytes; they are made before the time is taken, side by side: std::string_view for the binding, slices
/// for the C ABI and the maps. The length and the first byte of all values found are read, inside the time. The maps
/// (benches/native) copy values into memory that is used again, mget_into does too; mget answers in the library's
/// memory, which is given back inside the time. The C ABI is called for the same store that the binding has: the
/// difference is the binding's.
#include <unistd.h>

#include <cstring>
#include <memory>

#include "results.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

struct group {
    bench::shape shape;
    std::vector<work> works;
    bool with_maps = true;
};

const std::vector<work> batches = {
    {operation::get, 1}, {operation::get, 16}, {}, {operation::get, 256}, {operation::get, 1024}};

/// The base case, and one axis at a time around it; where all is in the cache, what the binding costs shows best.
std::vector<group> all_groups() {
    std::vector<work> base = batches, hot = batches;
    base.insert(base.end(), {{operation::get, 64, 2}, {operation::set}});
    hot.insert(hot.end(), {{operation::get, 64, 2}, {operation::set}, {operation::set, 1}});
    return {{{}, base},
            {{1000, 100}, hot},
            {{100000, 100}, {{}, {operation::set}}},
            {{1000000, 16}, {{}}},
            {{1000000, 1024}, {{}}},
            {{100000, 12 * 1024}, {{}}},
            {{5000000, 100}, {{}}},
            {{1000, 100}, {{operation::get, 0}}, false}};
}

std::vector<group> quick_groups() {
    return {{{}, {{}}}, {{1000, 100}, batches}, {{1000, 100}, {{operation::get, 0}}, false}};
}

const bench_peer *const maps[] = {&bench_abseil, &bench_boost, &bench_tbb};

/// Ends the program unless the store gives every entry's value, and none for other keys.
void check(store &store, const shape &shape, const values &values) {
    constexpr std::size_t asked = 1000;
    pairs made(2 * asked);
    numbers random(2);
    for (std::size_t i = 0; i < asked; ++i) {
        const std::size_t entry = random.below(shape.entries);
        made.make(2 * i, entry, values);
        made.make(2 * i + 1, shape.entries + entry, values);
    }
    memory own(2 * asked * shape.value);
    require(store.get(made, 0, 2 * asked, own) == asked * shape.value, "wrong values in a batch");
    for (std::size_t i = 0; i < 2 * asked; ++i) {
        require(store.get(made, i, 1, own) == (i % 2 == 0 ? shape.value : 0), "a wrong value");
    }
}

/// The bytes themselves, which only some forms show: the binding's against what was set.
void check_bytes(const bytestore::store &store, const shape &shape, const values &values) {
    pairs made(1);
    bytestore::area area;
    for (std::size_t entry = 0; entry < shape.entries; entry += shape.entries / 1000) {
        made.make(0, entry, values);
        store.mget_into({made.keys(), 1}, area);
        const bytestore::values answer = store.mget({made.keys(), 1});
        require(area[0] == values.of(entry) && answer[0] == values.of(entry), "wrong bytes");
    }
}

void measure(const group &group, const pace &pace) {
    const values values(group.shape.value);
    bytestore::store ours;
    views as_views(ours);
    reuse as_reuse(ours);
    c_views c_as_views(ours.native_handle());
    c_reuse c_as_reuse(ours.native_handle());
    fill(as_views, group.shape, values);
    check_bytes(ours, group.shape, values);
    for (store *form : std::initializer_list<store *>{&as_views, &as_reuse, &c_as_views, &c_as_reuse}) {
        check(*form, group.shape, values);
    }
    const auto against = [&](store &their_views, store &their_reuse, const char *name, const char *version,
                             const bench::pace &turns) {
        const comparison compare(group.shape, values, turns);
        for (const work &work : group.works) {
            const bool copies = work.op == operation::set;
            report(group.shape, work, copies ? "copy" : "views", name, version,
                   compare.in_turns(as_views, their_views, work));
            if (!copies) {
                report(group.shape, work, "reuse", name, version, compare.in_turns(as_reuse, their_reuse, work));
            }
        }
    };
    // A few nanoseconds show in many short turns: whatever else the machine does meets few of them.
    against(c_as_views, c_as_reuse, "C ABI", bytestore_version(), {pace.turn / 50, 10 * pace.rounds + 1});
    for (const bench_peer *peer : maps) {
        if (group.with_maps) {
            map theirs(*peer);
            fill(theirs, group.shape, values);
            check(theirs, group.shape, values);
            against(theirs, theirs, peer->name, peer->version, pace);
        }
    }
}

double resident_bytes() {
    long pages = 0;
    std::FILE *const file = std::fopen("/proc/self/statm", "r");
    require(file != nullptr && std::fscanf(file, "%*d %ld", &pages) == 1, "/proc/self/statm");
    std::fclose(file);
    return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void measure_resident(const std::string &name) {
    const shape shape;
    const values values(shape.value);
    bytestore::store ours;
    std::unique_ptr<store> store = std::make_unique<views>(ours);
    for (const bench_peer *peer : maps) {
        if (name == peer->name) {
            store = std::make_unique<map>(*peer);
        }
    }
    fill(*store, {1000, shape.value}, values); // whatever is needed once is no entry's
    const double before = resident_bytes();
    fill(*store, shape, values);
    const double bytes = resident_bytes() - before;
    check(*store, shape, values);
    report("resident_per_entry", name.c_str(), shape.entries, bytes / static_cast<double>(shape.entries));
}

void measure_all(const std::vector<group> &groups, const pace &pace) {
    for (const group &group : groups) {
        measure(group, pace);
    }
}

} // namespace
} // namespace bench

int main(int count, char **arguments) {
    const std::string first = count > 1 ? arguments[1] : "";
    if (count == 1) {
        bench::measure_all(bench::all_groups(), {std::chrono::milliseconds(50), 7});
    } else if (count == 2 && first == "--quick") {
        bench::measure_all(bench::quick_groups(), {std::chrono::milliseconds(25), 5});
    } else if (count == 2 && first == "--check") {
        bench::measure_all(bench::all_groups(), {std::chrono::nanoseconds(1), 1});
    } else if (count == 3 && first == "--resident") {
        bench::measure_resident(arguments[2]);
    } else {
        bench::require(false, "usage: bench [--quick | --check | --resident NAME]");
    }
}
