// A C++ shared object with a store of its own opening: what a Python extension in C++ would be. Knows no other
// language.
#include <bytestore.hpp>

#include <cstring>
#include <optional>
#include <string>

namespace {

std::optional<bytestore::store> opened;

// Runs the body; 0, or 1 for an exception, which must not leave C++.
template <typename Body> int guarded(Body body) {
    try {
        body();
        return 0;
    } catch (...) {
        return 1;
    }
}

} // namespace

extern "C" {

int cpp_open(const char *url) {
    return guarded([&] { opened = bytestore::store::open(url); });
}

int cpp_set(const char *key, const char *value) {
    return guarded([&] { opened->mset({{key, value}}); });
}

// Copies the value of `key` as text; 2: there is none, 1: an error, or no room.
int cpp_get(const char *key, char *value, size_t room) {
    int outcome = 2;
    const int failed = guarded([&] {
        const auto values = opened->mget({key});
        if (const auto found = values[0]) {
            outcome = found->size() < room ? 0 : 1;
            if (outcome == 0) {
                std::memcpy(value, found->data(), found->size());
                value[found->size()] = 0;
            }
        }
    });
    return failed != 0 ? failed : outcome;
}

int cpp_close() {
    return guarded([] { opened.reset(); });
}

} // extern "C"
