/// One computation under way, and those who wait for it. Knows no keys, and nothing of stores.
#ifndef BYTESTORE_FLIGHT_HPP
#define BYTESTORE_FLIGHT_HPP

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "error.hpp"

namespace bytestore::detail {

/// What a computation gave: kept by all whose answers are views of it.
using shared_values = std::shared_ptr<const std::vector<std::string>>;

/// A computation of the thread that made this. It is landed once; until then others wait. In the child of a fork those
/// of other threads have landed with nothing, as if their threads had been stopped.
class flight {
  public:
    /// Of the whole process, as circles go across stores and a fork must find all in one piece. Held for moments, and
    /// never while anything is computed. It must not be asked for before a store was opened: then the library's own
    /// preparations for a fork would come before these, and a fork could wait for who waits for the library.
    static std::mutex &mutex() { return all().mutex; }

    /// Begins. The caller has the mutex.
    flight() : next_(std::exchange(all().under_way, this)) {}
    flight(const flight &) = delete;

    /// Ends it with values, or with an error; with neither when its thread was stopped from outside. The caller has the
    /// mutex.
    void land(shared_values values, std::exception_ptr error) noexcept {
        unlink(all().under_way, this);
        has_landed_ = true;
        values_ = std::move(values);
        error_ = std::move(error);
        for (waiter *each = waiters_; each != nullptr; each = each->next_) {
            each->woken.notify_one();
        }
    }

    /// The caller has the mutex.
    bool has_landed() const noexcept { return has_landed_; }

    /// Waits for its end. Throws its error, as itself; nullptr when its thread was stopped: then somebody else
    /// computes.
    shared_values wait() {
        std::unique_lock lock(mutex());
        check_circle();
        waiter caller(*this);
        caller.woken.wait(lock, [&] { return has_landed_; });
        if (error_) {
            std::rethrow_exception(error_);
        }
        return values_;
    }

    /// How many threads wait now, for whichever computation: tests have to know that one has begun to.
    static std::size_t waiting_threads() {
        const std::lock_guard lock(mutex());
        std::size_t threads = 0;
        for (const flight *each = all().under_way; each != nullptr; each = each->next_) {
            for (const waiter *one = each->waiters_; one != nullptr; one = one->next_) {
                ++threads;
            }
        }
        return threads;
    }

    /// Throws when waiting would be for ever: when this computation waits, over however many threads, for one of the
    /// caller's own. The caller has the mutex.
    void check_circle() const {
        const std::thread::id caller = std::this_thread::get_id();
        for (const flight *next = this; next != nullptr && !next->has_landed_; next = awaited_by(next->thread_)) {
            if (next->thread_ == caller) {
                throw error(errc::invalid_argument, "a computation asks for a key that waits for its end");
            }
        }
    }

  private:
    /// A thread that waits, for as long as it does; the mutex is held at both ends. Each has a condition of its own: in
    /// the child of a fork, nobody ever leaves one for which the parent's threads waited.
    struct waiter {
        explicit waiter(flight &awaited) : flight_(awaited), next_(std::exchange(awaited.waiters_, this)) {}
        waiter(const waiter &) = delete;
        ~waiter() { unlink(flight_.waiters_, this); }

        const std::thread::id thread = std::this_thread::get_id();
        std::condition_variable woken;
        flight &flight_;
        waiter *next_;
    };

    /// All that are under way, and so all who wait. The links lie in the items: the child of a fork must forget some
    /// of them, which it could not free.
    struct traffic {
        std::mutex mutex;
        flight *under_way = nullptr;

        traffic() {
            if (pthread_atfork(before_fork, in_parent, in_child) != 0) {
                throw std::bad_alloc();
            }
        }
    };
    static traffic &all() {
        static traffic traffic;
        return traffic;
    }

    static void before_fork() { all().mutex.lock(); }
    static void in_parent() { all().mutex.unlock(); }
    static void in_child() {
        const std::thread::id own = std::this_thread::get_id();
        for (flight *each = std::exchange(all().under_way, nullptr); each != nullptr;) {
            flight *const next = each->next_;
            if (each->thread_ == own) {
                each->next_ = std::exchange(all().under_way, each);
            } else {
                each->has_landed_ = true;
            }
            each->waiters_ = nullptr;
            each = next;
        }
        all().mutex.unlock();
    }

    static const flight *awaited_by(std::thread::id thread) {
        for (const flight *each = all().under_way; each != nullptr; each = each->next_) {
            for (const waiter *one = each->waiters_; one != nullptr; one = one->next_) {
                if (one->thread == thread) {
                    return each;
                }
            }
        }
        return nullptr;
    }

    template <typename Item> static void unlink(Item *&first, const Item *item) noexcept {
        Item **place = &first;
        while (*place != item) {
            place = &(*place)->next_;
        }
        *place = item->next_;
    }

    const std::thread::id thread_ = std::this_thread::get_id();
    flight *next_;
    waiter *waiters_ = nullptr;
    bool has_landed_ = false;
    shared_values values_;
    std::exception_ptr error_;
};

} // namespace bytestore::detail

#endif
