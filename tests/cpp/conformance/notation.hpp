/// How the cases write bytes and lists. Knows no step and no store.
#ifndef NOTATION_HPP
#define NOTATION_HPP

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace conformance {

using json = nlohmann::json;
using byte_list = std::vector<std::string>;
using answer_list = std::vector<std::optional<std::string>>;
using pair_list = std::vector<std::pair<std::string, std::string>>;

/// Why a case fails.
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// "a%00", or {"repeat": BYTES, "times": N}.
std::string bytes(const json &form);

/// A list of bytes, written out or as a pattern.
byte_list list(const json &form);

/// A list of answers: like a list of bytes, with null for what is missing.
answer_list answers(const json &form);

/// A list of pairs: [[KEY, VALUE], …], or keys with values, or keys with one value for all.
pair_list pairs(const json &form);

std::size_t number(const json &form);
std::string text(const json &form);
bool flag(const json &form);

/// Answers for people: not all of a long one.
std::string shown(const std::string &bytes);
std::string shown(const std::optional<std::string> &answer);
std::string shown(std::size_t number);
template <typename Item> std::string shown(const std::vector<Item> &items) {
    std::string text = std::to_string(items.size()) + " [";
    for (std::size_t i = 0; i < items.size() && i < 8; ++i) {
        text += (i == 0 ? "" : ", ") + shown(items[i]);
    }
    return text + (items.size() > 8 ? ", …]" : "]");
}

} // namespace conformance

#endif
