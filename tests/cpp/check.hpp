/// Counted tests whose checks name their line. Knows nothing of the library.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <optional>
#include <utility>

namespace check {

/// Adds a test to those that run_all runs: being compiled in is enough.
struct test {
    test(const char *name, void (*run)());
};

/// Says what failed and marks the running test; any thread may call it. Gives `holds` back.
bool that(bool holds, const char *what, const char *file, int line);

/// Runs the tests and ends with the line "NAME: N passed, N failed". The exit code of the program.
int run_all(const char *name);

/// The exception of this type that `act` throws; std::nullopt when it throws nothing.
template <typename Exception, typename Act> std::optional<Exception> thrown(Act act) {
    try {
        act();
    } catch (const Exception &exception) {
        return exception;
    }
    return std::nullopt;
}

} // namespace check

#define TEST(name)                                                                                                     \
    static void name();                                                                                                \
    static const check::test name##_test(#name, name);                                                                 \
    static void name()

#define CHECK(...) check::that(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

#endif
