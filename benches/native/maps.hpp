/*
 * What the C++ maps have in common: keys as views, answers side by side, and the table of functions made from a
 * class. It must not know any map.
 */
#pragma once

#include "peers.h"
#include "read.h"

#include <cstring>
#include <string>
#include <string_view>

namespace bench {

template <class View = std::string_view> View view(const bench_slice &bytes) {
    return View(reinterpret_cast<const char *>(bytes.ptr), bytes.len);
}

// Answers, copied side by side into the caller's memory; every key is missing until it is found.
class answers {
  public:
    answers(uint8_t *out, uint32_t *lens, size_t n) : start_(out), next_(out), lens_(lens) {
        std::memset(lens, 0xff, n * sizeof *lens);
    }

    void add(size_t i, const std::string &value) {
        std::memcpy(next_, value.data(), value.size());
        next_ += value.size();
        lens_[i] = static_cast<uint32_t>(value.size());
    }

    size_t size() const { return static_cast<size_t>(next_ - start_); }

  private:
    uint8_t *start_, *next_;
    uint32_t *lens_;
};

// The functions of a Store. They are noexcept: running out of memory ends the process.
template <class Store> constexpr bench_peer peer(const char *name, const char *version) {
    return {name,
            version,
            []() noexcept -> void * { return new Store; },
            [](void *store) noexcept { delete static_cast<Store *>(store); },
            [](void *store, size_t n, const bench_slice *keys, const bench_slice *values) noexcept {
                static_cast<Store *>(store)->mset(n, keys, values);
            },
            [](void *store, size_t n, const bench_slice *keys, uint8_t *out, uint32_t *lens) noexcept {
                answers found(out, lens, n);
                static_cast<Store *>(store)->mget(n, keys, found);
                return found.size();
            },
            [](void *store, size_t n, const bench_slice *keys) noexcept {
                return static_cast<Store *>(store)->mdelete(n, keys);
            },
            [](void *store) noexcept { return static_cast<Store *>(store)->scan(); }};
}

} // namespace bench
