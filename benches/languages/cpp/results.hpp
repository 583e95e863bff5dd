/// Results as JSON lines on standard output, and for people on standard error. Knows not what is measured.
#ifndef BENCH_RESULTS_HPP
#define BENCH_RESULTS_HPP

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "turns.hpp"

namespace bench {

inline double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers[numbers.size() / 2];
}

inline std::string listed(const std::vector<double> &numbers) {
    std::string text;
    for (const double number : numbers) {
        char one[32];
        std::snprintf(one, sizeof one, "%s%.4g", text.empty() ? "" : ",", number);
        text += one;
    }
    return text;
}

/// One comparison; with the C ABI also what the binding costs, in nanoseconds a call.
inline void report(const shape &shape, const work &work, const char *form, const char *peer, const char *version,
                   const rates &rates) {
    const char *const op = work.op == operation::set ? "mset" : "mget_hit";
    std::vector<double> ratios, costs;
    const double keys = static_cast<double>(std::max<std::size_t>(work.batch, 1));
    for (std::size_t i = 0; i < rates.ours.size(); ++i) {
        ratios.push_back(rates.ours[i] / rates.theirs[i]);
        costs.push_back(keys * (1e3 / rates.ours[i] - 1e3 / rates.theirs[i]));
    }
    std::fprintf(stderr, "%s %s, %zu x %zu B, batch %zu, threads %u: %.3g x %s (%.1f ns a call); %.4g M keys/s\n", op,
                 form, shape.entries, shape.value, work.batch, work.threads, median(ratios), peer, median(costs),
                 median(rates.ours));
    std::printf("{\"kind\":\"language\",\"language\":\"cpp\",\"op\":\"%s\",\"form\":\"%s\",\"entries\":%zu,\"key\":%zu,"
                "\"value\":%zu,\"batch\":%zu,\"threads\":%u,\"peer\":\"%s\",\"version\":\"%s\",\"ours\":[%s],"
                "\"theirs\":[%s]}\n",
                op, form, shape.entries, key_size, shape.value, work.batch, work.threads, peer, version,
                listed(rates.ours).c_str(), listed(rates.theirs).c_str());
}

/// One figure of one store.
inline void report(const char *what, const char *store, std::size_t entries, double value) {
    std::fprintf(stderr, "%s of %s, %zu entries: %.4g\n", what, store, entries, value);
    std::printf("{\"kind\":\"language_figure\",\"language\":\"cpp\",\"what\":\"%s\",\"store\":\"%s\",\"entries\":%zu,"
                "\"value\":%.4g}\n",
                what, store, entries, value);
}

} // namespace bench

#endif
