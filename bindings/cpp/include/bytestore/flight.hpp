/// One computation under way, and those who wait for it. Knows no keys, and nothing of stores.
#ifndef BYTESTORE_FLIGHT_HPP
#define BYTESTORE_FLIGHT_HPP

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "error.hpp"

namespace bytestore::detail {

/// What a computation gave: kept by all whose answers are views of it.
using shared_values = std::shared_ptr<const std::vector<std::string>>;

/// A computation of the thread that made this. It is landed once; until then others wait.
class flight {
  public:
    /// Ends it with values, or with an error; with neither when its thread was stopped from outside.
    void land(shared_values values, std::exception_ptr error) noexcept {
        {
            const std::lock_guard lock(mutex());
            has_landed_ = true;
            values_ = std::move(values);
            error_ = std::move(error);
        }
        landed_.notify_all();
    }

    /// Waits for its end. Throws its error, as itself; nullptr when its thread was stopped: then somebody else
    /// computes.
    shared_values wait() const {
        std::unique_lock lock(mutex());
        refuse_circle();
        const waiter entry(this);
        landed_.wait(lock, [&] { return has_landed_; });
        if (error_) {
            std::rethrow_exception(error_);
        }
        return values_;
    }

    /// How many threads wait now, for whichever computation: tests have to know that one has begun to.
    static std::size_t waiting_threads() {
        const std::lock_guard lock(mutex());
        return waiting().size();
    }

    /// Throws when waiting would be for ever: when this computation waits, over however many threads, for one of the
    /// caller's own.
    void check_circle() const {
        const std::lock_guard lock(mutex());
        refuse_circle();
    }

  private:
    // Of all stores in one table, as circles go across stores. Held for moments, and never while anything is computed.
    using awaited_by = std::map<std::thread::id, const flight *>;
    static awaited_by &waiting() {
        static awaited_by threads;
        return threads;
    }
    static std::mutex &mutex() {
        static std::mutex mutex;
        return mutex;
    }

    /// Says while it lives, and the mutex is held at both its ends, that the calling thread waits.
    class waiter {
      public:
        explicit waiter(const flight *awaited)
            : place_(waiting().insert_or_assign(std::this_thread::get_id(), awaited).first) {}
        waiter(const waiter &) = delete;
        ~waiter() { waiting().erase(place_); }

      private:
        awaited_by::iterator place_;
    };

    void refuse_circle() const {
        const std::thread::id caller = std::this_thread::get_id();
        const flight *next = this;
        while (!next->has_landed_) {
            if (next->thread_ == caller) {
                throw error(errc::invalid_argument, "a computation asks for a key that waits for its end");
            }
            const auto found = waiting().find(next->thread_);
            if (found == waiting().end()) {
                return;
            }
            next = found->second;
        }
    }

    const std::thread::id thread_ = std::this_thread::get_id();
    mutable std::condition_variable landed_;
    bool has_landed_ = false;
    shared_values values_;
    std::exception_ptr error_;
};

} // namespace bytestore::detail

#endif
