/// Which keys are being computed, and by which computation. Knows nothing of stores.
#ifndef BYTESTORE_FLIGHTS_HPP
#define BYTESTORE_FLIGHTS_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "flight.hpp"

namespace bytestore::detail {

/// Where the value of a key will be.
struct seat {
    std::shared_ptr<detail::flight> flight;
    std::size_t index;
};

/// The table of a store and all its namespaces: keys stand in it, in full, while they are computed.
class flights {
  public:
    class claim;

    /// How many computations have set their values.
    std::uint64_t landed() const noexcept { return landed_; }

  private:
    using table = std::map<std::string, seat>;

    table seats_; // under the mutex of all flights
    std::atomic<std::uint64_t> landed_{0};
};

/// The part of a batch that its caller has to compute. At its end nothing of it stays in the table.
class flights::claim {
  public:
    explicit claim(flights &all) noexcept : all_(all) {}
    claim(const claim &) = delete;
    ~claim() { land(nullptr, nullptr); }

    /// Shares the keys out: what nobody computes is the caller's. If values have been set since `since`, as landed()
    /// gave it, `look` looks the caller's up once more and gives those back that are missing still. Once in a life.
    /// Throws, with nothing claimed, when a key is of a computation that waits for the caller.
    template <typename Look> void take(std::vector<std::string> keys, std::uint64_t since, Look look) {
        const std::lock_guard lock(flight::mutex());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto found = all_.seats_.find(keys[i]);
            // One that has landed is in the table only in the child of a fork.
            if (found == all_.seats_.end() || found->second.flight->has_landed()) {
                own_.push_back(i);
            } else {
                found->second.flight->check_circle();
                elsewhere_.emplace_back(i, found->second);
            }
        }
        if (all_.landed_ != since && !own_.empty()) {
            own_ = look(own_);
        }
        if (own_.empty()) {
            return;
        }
        flight_ = std::make_shared<detail::flight>();
        places_.reserve(own_.size());
        for (const std::size_t i : own_) {
            places_.push_back(all_.seats_.insert_or_assign(std::move(keys[i]), seat{flight_, places_.size()}).first);
        }
    }

    /// The caller's keys, by their numbers in the batch. Others must not be waited for before these are landed.
    const std::vector<std::size_t> &own() const noexcept { return own_; }

    /// Keys that others compute, by their numbers in the batch.
    const std::vector<std::pair<std::size_t, seat>> &elsewhere() const noexcept { return elsewhere_; }

    /// Lets the caller's keys go, and hands values, or an error, or neither to those who wait. Again does nothing.
    void land(shared_values values, std::exception_ptr error) noexcept {
        if (!flight_) {
            return;
        }
        {
            const std::lock_guard lock(flight::mutex());
            for (const table::iterator &place : places_) {
                all_.seats_.erase(place);
            }
            all_.landed_ += values != nullptr;
            flight_->land(std::move(values), std::move(error));
        }
        flight_.reset();
    }

  private:
    flights &all_;
    std::shared_ptr<detail::flight> flight_;
    std::vector<table::iterator> places_;
    std::vector<std::size_t> own_;
    std::vector<std::pair<std::size_t, seat>> elsewhere_;
};

} // namespace bytestore::detail

#endif
