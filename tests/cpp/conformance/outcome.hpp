/// How a step ends: with an answer that is compared, or with the error that was expected. Knows no step.
#ifndef OUTCOME_HPP
#define OUTCOME_HPP

#include <bytestore.hpp>

#include <optional>
#include <string>

#include "notation.hpp"

namespace conformance {

/// Does `act`, which must succeed, or fail with `error` if there is one. Nothing when it failed so.
template <typename Act> auto outcome(const std::optional<std::string> &error, Act act) {
    std::optional<decltype(act())> answer;
    try {
        answer.emplace(act());
    } catch (const bytestore::error &thrown) {
        if (!error || *error != name(thrown.code())) {
            throw failure(std::string("throws ") + thrown.what() + ", must be " + error.value_or("ok"));
        }
        return answer;
    }
    if (error) {
        throw failure("succeeds, must be " + *error);
    }
    return answer;
}

/// For what returns nothing.
template <typename Act> auto done(Act act) {
    return [act] {
        act();
        return true;
    };
}

template <typename Answer> void compare(const std::optional<Answer> &answer, const std::optional<Answer> &expected) {
    if (answer != expected) {
        throw failure("gives " + (answer ? shown(*answer) : "nothing") + ", must give " +
                      (expected ? shown(*expected) : "nothing"));
    }
}

} // namespace conformance

#endif
