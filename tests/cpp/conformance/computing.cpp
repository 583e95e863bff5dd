/// The step that gets keys or computes them: what the computation is asked for, and what comes of it.
#include "outcome.hpp"
#include "steps.hpp"

namespace conformance {
namespace {

/// The error of a computation that must fail.
struct computation_failed {};

/// A computation that notes what it is asked for.
class noting_computation {
  public:
    /// Without values it fails.
    explicit noting_computation(std::optional<byte_list> values) : values_(std::move(values)) {}

    byte_list operator()(const std::vector<std::string_view> &missing) {
        if (asked_) {
            throw failure("computes twice");
        }
        asked_ = byte_list(missing.begin(), missing.end());
        if (!values_) {
            throw computation_failed();
        }
        return *values_;
    }

    const std::optional<byte_list> &asked() const { return asked_; }

  private:
    std::optional<byte_list> values_, asked_;
};

} // namespace

void running_case::compute(const std::string &name, fields step) {
    const byte_list keys = list(step.take("keys")), missing = list(step.take("missing"));
    const auto fails_form = step.optional("fails");
    const bool fails = fails_form && flag(*fails_form);
    std::optional<byte_list> values;
    if (!fails) {
        values = missing.empty() ? byte_list() : list(step.take("values"));
    }
    const auto ttl = step.ttl();
    const auto expected = fails ? std::nullopt : step.answer("expect", list);
    step.end();
    bytestore::store &store = store_of(name);
    noting_computation computes(values);
    std::optional<byte_list> answer;
    bool failed = false;
    try {
        answer = outcome(step.error(), [&] {
            const auto got = ttl ? store.mget_or_compute(keys, std::ref(computes), *ttl)
                                 : store.mget_or_compute(keys, std::ref(computes));
            return byte_list(got.begin(), got.end());
        });
    } catch (const computation_failed &) {
        failed = true;
    }
    if (failed != fails) {
        throw failure(failed ? "the computation fails" : "the computation's error does not come out");
    }
    compare(answer, expected);
    // What fails for another reason may have failed before.
    if (computes.asked() || !step.error()) {
        compare(computes.asked(), missing.empty() ? std::nullopt : std::optional(missing));
    }
}

} // namespace conformance
