/// Runs tests and counts them. Knows nothing of the library.
#include "check.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <mutex>
#include <vector>

namespace check {
namespace {

struct known_test {
    const char *name;
    void (*run)();
};

// In a function: tests of other files are added before this file's own globals are there.
std::vector<known_test> &tests() {
    static std::vector<known_test> list;
    return list;
}

std::atomic<std::size_t> checks{0};
std::atomic<std::size_t> failures{0};

bool passes(const known_test &test) {
    checks = failures = 0;
    try {
        test.run();
    } catch (const std::exception &exception) {
        that(false, exception.what(), test.name, 0);
    }
    // A test that checks nothing cannot fail.
    return failures == 0 && checks > 0;
}

} // namespace

test::test(const char *name, void (*run)()) { tests().push_back({name, run}); }

bool that(bool holds, const char *what, const char *file, int line) {
    static std::mutex output;
    ++checks;
    if (!holds && ++failures <= 20) {
        const std::lock_guard lock(output);
        std::cout << "  " << file << ':' << line << ": " << what << '\n';
    }
    return holds;
}

int run_all(const char *name) {
    std::size_t passed = 0;
    for (const known_test &test : tests()) {
        const bool good = passes(test);
        passed += good;
        std::cout << (good ? "ok      " : "FAILED  ") << test.name << " (" << checks << " checks)" << std::endl;
    }
    const std::size_t failed = tests().size() - passed;
    std::cout << name << ": " << passed << " passed, " << failed << " failed" << std::endl;
    return passed > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace check
