/// Takes the time of two stores that do the same work in turns. Knows not which stores they are.
#ifndef BENCH_TURNS_HPP
#define BENCH_TURNS_HPP

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "stores.hpp"

namespace bench {

enum class operation { get, set };

/// How one operation is asked for. A batch of 0 keys is an empty call.
struct work {
    operation op = operation::get;
    std::size_t batch = 64;
    unsigned threads = 1;
};

/// How long a turn takes, and how many each store has.
struct pace {
    std::chrono::nanoseconds turn;
    std::size_t rounds;
};

/// Million keys a second of both stores, round by round; of empty batches, million calls.
struct rates {
    std::vector<double> ours, theirs;
};

/// So many keys are made at once, before the time is taken: they are in the cache, as if just made.
constexpr std::size_t keys_made_at_once = 4096;

/// Fills a store in the order of the entries.
inline void fill(store &store, const shape &shape, const values &values) {
    constexpr std::size_t batch = 1024;
    pairs made(batch);
    for (std::size_t entry = 0; entry < shape.entries; ++entry) {
        made.make(entry % batch, entry, values);
        if (entry % batch == batch - 1 || entry == shape.entries - 1) {
            store.set(made, 0, entry % batch + 1);
        }
    }
}

class comparison {
  public:
    comparison(const shape &shape, const values &values, const pace &pace)
        : shape_(shape), values_(values), pace_(pace) {}

    /// Who begins changes from round to round. No two turns ask for the same keys: they may be of the same store.
    rates in_turns(store &ours, store &theirs, const work &work) const {
        rates found;
        rate(ours, work, 1); // warms up
        rate(theirs, work, 2);
        for (std::size_t round = 1; round <= pace_.rounds; ++round) {
            if (round % 2 == 1) {
                found.ours.push_back(rate(ours, work, 2 * round + 1));
                found.theirs.push_back(rate(theirs, work, 2 * round + 2));
            } else {
                found.theirs.push_back(rate(theirs, work, 2 * round + 1));
                found.ours.push_back(rate(ours, work, 2 * round + 2));
            }
        }
        return found;
    }

  private:
    double rate(store &store, const work &work, std::size_t stream) const {
        std::vector<double> rates(work.threads);
        std::vector<std::thread> others;
        const auto one = [&](unsigned thread) {
            rates[thread] = turn(store, work, numbers(10 + stream * work.threads + thread));
        };
        for (unsigned thread = 1; thread < work.threads; ++thread) {
            others.emplace_back(one, thread);
        }
        one(0);
        for (std::thread &other : others) {
            other.join();
        }
        double sum = 0;
        for (const double each : rates) {
            sum += each;
        }
        return sum;
    }

    double turn(store &store, const work &work, numbers random) const {
        pairs made(keys_made_at_once);
        memory own(work.batch * shape_.value);
        const std::size_t calls = keys_made_at_once / std::max<std::size_t>(work.batch, 1);
        std::chrono::nanoseconds spent{0};
        std::size_t done = 0, bytes = 0;
        do {
            for (std::size_t i = 0; i < keys_made_at_once; ++i) {
                made.make(i, random.below(shape_.entries), values_);
            }
            const auto start = std::chrono::steady_clock::now();
            for (std::size_t call = 0; call < calls; ++call) {
                if (work.op == operation::get) {
                    bytes += store.get(made, call * work.batch, work.batch, own);
                } else {
                    store.set(made, call * work.batch, work.batch);
                }
            }
            spent += std::chrono::steady_clock::now() - start;
            done += calls;
        } while (spent < pace_.turn);
        require(work.op == operation::set || bytes == done * work.batch * shape_.value, "a value is missing");
        const double keys = static_cast<double>(done * std::max<std::size_t>(work.batch, 1));
        return keys * 1e3 / static_cast<double>(spent.count());
    }

    const shape &shape_;
    const values &values_;
    const pace pace_;
};

} // namespace bench

#endif
