/// Getting keys, or computing what is missing, once for all who ask. Leaves it to a store to look up and to set.
#ifndef BYTESTORE_COMPUTING_HPP
#define BYTESTORE_COMPUTING_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "computed_values.hpp"
#include "flights.hpp"
#include "lists.hpp"
#include "scratch.hpp"
#include "time_to_live.hpp"

namespace bytestore {

/// Gives the values of keys that are missing, in their order.
using computation = std::function<std::vector<std::string>(const std::vector<std::string_view> &missing)>;

namespace detail {

/// One mget_or_compute.
template <typename Store> class computing {
  public:
    /// `prefix`: what stands before the store's keys in the table.
    computing(Store &store, flights &all, const std::string &prefix, const computation &compute,
              std::optional<time_to_live> ttl)
        : store_(store), all_(all), prefix_(prefix), compute_(compute), ttl_(ttl), since_(all.landed()) {}

    computed_values answers(const view_list &keys) && {
        values found = store_.mget(keys);
        answers_.views_.resize(keys.size());
        scratch slices(keys.size());
        keys.write(slices.data());
        views missing;
        std::unordered_map<std::string_view, std::size_t> places; // in `missing`
        indices holes, fillings;                                  // an answer and its place
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (const auto value = found[i]) {
                answers_.views_[i] = *value;
                continue;
            }
            const auto [place, is_new] = places.try_emplace(view_of(slices.data()[i]), missing.size());
            if (is_new) {
                missing.push_back(place->first);
            }
            holes.push_back(i);
            fillings.push_back(place->second);
        }
        answers_.found_.push_back(std::move(found));
        fill(answers_.views_, holes, picked(values_of(missing), fillings));
        return std::move(answers_);
    }

  private:
    using views = std::vector<std::string_view>;
    using indices = std::vector<std::size_t>;

    /// A value for each of these keys, which are different and were missing.
    views values_of(const views &missing) {
        views made(missing.size());
        if (missing.empty()) {
            return made;
        }
        flights::claim claim(all_);
        claim.take(full(missing), since_, [&](const indices &own) { return still_missing(missing, own, made); });
        if (!claim.own().empty()) {
            const shared_values mine = compute(picked(missing, claim.own()), claim);
            fill(made, claim.own(), *mine);
        }
        indices again;
        for (const auto &[i, seat] : claim.elsewhere()) {
            if (const shared_values theirs = seat.flight->wait()) {
                made[i] = (*theirs)[seat.index];
                answers_.computed_.push_back(theirs);
            } else {
                again.push_back(i);
            }
        }
        fill(made, again, values_of(picked(missing, again)));
        return made;
    }

    /// Those of the keys `own` that nobody has set by now; the others' values go where they belong.
    indices still_missing(const views &missing, const indices &own, views &made) {
        values found = store_.mget(picked(missing, own));
        indices rest;
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (const auto value = found[i]) {
                made[own[i]] = *value;
            } else {
                rest.push_back(own[i]);
            }
        }
        answers_.found_.push_back(std::move(found));
        return rest;
    }

    /// Computes these keys and sets them. Whatever comes of it goes to those who wait, too.
    shared_values compute(const views &keys, flights::claim &claim) {
        try {
            auto made = std::make_shared<const std::vector<std::string>>(compute_(keys));
            ttl_ ? store_.mset(keys, *made, *ttl_) : store_.mset(keys, *made);
            answers_.computed_.push_back(made);
            claim.land(made, nullptr);
            return made;
        } catch (...) {
            claim.land(nullptr, std::current_exception()); // nullptr when the thread is stopped from outside
            throw;
        }
    }

    std::vector<std::string> full(const views &keys) const {
        std::vector<std::string> all;
        all.reserve(keys.size());
        for (const std::string_view key : keys) {
            all.push_back(prefix_);
            all.back() += key;
        }
        return all;
    }

    static views picked(const views &all, const indices &which) {
        views some;
        some.reserve(which.size());
        for (const std::size_t i : which) {
            some.push_back(all[i]);
        }
        return some;
    }

    template <typename Values> static void fill(views &all, const indices &which, const Values &values) {
        for (std::size_t i = 0; i < which.size(); ++i) {
            all[which[i]] = values[i];
        }
    }

    Store &store_;
    flights &all_;
    const std::string &prefix_;
    const computation &compute_;
    const std::optional<time_to_live> ttl_;
    const std::uint64_t since_;
    computed_values answers_;
};

} // namespace detail
} // namespace bytestore

#endif
