/// The answers of one mget_or_compute. Knows nothing of stores.
#ifndef BYTESTORE_COMPUTED_VALUES_HPP
#define BYTESTORE_COMPUTED_VALUES_HPP

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "flight.hpp"
#include "values.hpp"

namespace bytestore {
namespace detail {
template <typename Store> class computing;
} // namespace detail

/// One value for each key, in order; none is missing.
///
/// Owns the bytes that its views refer to, and shares those that were computed: they stay valid, whatever happens to
/// the store, until this is destroyed or assigned to. Moving hands them over, still valid, and leaves this empty.
/// Move-only.
class computed_values {
  public:
    using value_type = std::string_view;
    using iterator = const std::string_view *;

    computed_values() = default;
    computed_values(computed_values &&other) noexcept = default;
    computed_values &operator=(computed_values &&other) noexcept = default;

    /// How many keys were asked for.
    std::size_t size() const noexcept { return views_.size(); }
    bool empty() const noexcept { return views_.empty(); }

    /// The value of key `index`, which must be below size().
    value_type operator[](std::size_t index) const & noexcept { return views_[index]; }
    /// The value would outlive its bytes: give the values a name first.
    value_type operator[](std::size_t index) const && = delete;

    iterator begin() const noexcept { return views_.data(); }
    iterator end() const noexcept { return views_.data() + views_.size(); }

  private:
    template <typename Store> friend class detail::computing;

    std::vector<std::string_view> views_;
    std::vector<values> found_;
    std::vector<detail::shared_values> computed_;
};

} // namespace bytestore

#endif
