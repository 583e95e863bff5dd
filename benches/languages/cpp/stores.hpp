/// bytestore in the forms of its C++ binding, the C ABI below it, and the C++ maps: all as the same thing. Knows
/// nothing of time.
#ifndef BENCH_STORES_HPP
#define BENCH_STORES_HPP

#include <bytestore.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "../../native/peers.h"
#include "workload.hpp"

namespace bench {

/// A look at a value, as its user would take: at its first byte, wherever it is.
template <typename Byte> void glance(const Byte *value, std::size_t size) {
    if (size > 0) {
        __asm__ volatile("" : : "r"(*value)); // or the compiler would leave it out
    }
}

inline void require(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "bench: %s\n", what);
        std::exit(1);
    }
}

/// Memory of a thread's own, used again from call to call.
struct memory {
    explicit memory(std::size_t size) : bytes(size), lens(size / 16 + 4096), lens32(size / 16 + 4096) {}

    bytestore::area area;
    std::vector<std::uint8_t> bytes;
    std::vector<std::size_t> lens;
    std::vector<std::uint32_t> lens32;
};

/// A store, or one form of it. Any thread may use it.
class store {
  public:
    virtual ~store() = default;
    /// Gets the values of `n` keys in one call, looks at the first byte of each, and gives their bytes' number.
    virtual std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &own) = 0;
    virtual void set(const pairs &from, std::size_t first, std::size_t n) = 0;
};

/// The binding: std::string_view in.
class binding : public store {
  public:
    explicit binding(bytestore::store &opened) : store_(opened) {}

    void set(const pairs &from, std::size_t first, std::size_t n) final {
        store_.mset({from.keys() + first, n}, {from.values_of_keys() + first, n});
    }

  protected:
    template <typename Answers> static std::size_t total(const Answers &answers) {
        std::size_t bytes = 0;
        for (const std::optional<std::string_view> value : answers) {
            if (value) {
                glance(value->data(), value->size());
                bytes += value->size();
            }
        }
        return bytes;
    }

    bytestore::store &store_;
};

/// mget: views of the library's memory, which is given back in the same call.
class views final : public binding {
  public:
    using binding::binding;
    std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &) override {
        return total(store_.mget({from.keys() + first, n}));
    }
};

/// mget_into: copies in memory that is used again.
class reuse final : public binding {
  public:
    using binding::binding;
    std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &own) override {
        store_.mget_into({from.keys() + first, n}, own.area);
        return total(own.area);
    }
};

/// The C ABI, called directly with slices that stand ready.
class c_abi : public store {
  public:
    explicit c_abi(bytestore_store *opened) : store_(opened) {}

    void set(const pairs &from, std::size_t first, std::size_t n) final {
        const bytestore_status status =
            bytestore_mset(store_, n, from.key_slices() + first, nullptr, from.value_slices() + first, nullptr);
        require(status == BYTESTORE_OK, "bytestore_mset");
    }

  protected:
    bytestore_store *store_;
};

class c_views final : public c_abi {
  public:
    using c_abi::c_abi;
    std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &) override {
        bytestore_buffer found;
        require(bytestore_mget(store_, n, from.key_slices() + first, nullptr, &found) == BYTESTORE_OK,
                "bytestore_mget");
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < found.count; ++i) {
            if (found.slices[i].ptr != nullptr) {
                glance(found.slices[i].ptr, found.slices[i].len);
                bytes += found.slices[i].len;
            }
        }
        if (found.count > 0) {
            bytestore_free_buffer(&found);
        }
        return bytes;
    }
};

class c_reuse final : public c_abi {
  public:
    using c_abi::c_abi;
    std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &own) override {
        bytestore_area area{own.bytes.data(), own.bytes.size(), own.lens.data(), 0};
        const bytestore_status status = bytestore_mget_into(store_, n, from.key_slices() + first, nullptr, &area);
        require(status == BYTESTORE_OK && area.len <= area.capacity, "bytestore_mget_into");
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (own.lens[i] != BYTESTORE_MISSING) {
                glance(own.bytes.data() + bytes, own.lens[i]);
                bytes += own.lens[i];
            }
        }
        return bytes;
    }
};

/// A map of benches/native. It copies the values that it finds into the caller's memory.
class map final : public store {
  public:
    explicit map(const bench_peer &peer) : peer_(peer), store_(peer.open()) {}
    map(const map &) = delete;
    map &operator=(const map &) = delete;
    ~map() override { peer_.close(store_); }

    std::size_t get(const pairs &from, std::size_t first, std::size_t n, memory &own) override {
        peer_.mget(store_, n, from.key_slices() + first, own.bytes.data(), own.lens32.data());
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (own.lens32[i] != UINT32_MAX) {
                glance(own.bytes.data() + bytes, own.lens32[i]);
                bytes += own.lens32[i];
            }
        }
        return bytes;
    }

    void set(const pairs &from, std::size_t first, std::size_t n) override {
        peer_.mset(store_, n, from.key_slices() + first, from.value_slices() + first);
    }

  private:
    const bench_peer &peer_;
    void *store_;
};

} // namespace bench

#endif
