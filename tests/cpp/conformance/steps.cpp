/// Does the steps of a case and compares what they answer.
#include "steps.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>

#include "race.hpp"

namespace conformance {
namespace {

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

void overwrite(std::string &bytes) { std::fill(bytes.begin(), bytes.end(), '#'); }

std::chrono::milliseconds milliseconds(const json &form) { return std::chrono::milliseconds(number(form)); }

/// The counters by their names in the cases.
const std::map<std::string, std::uint64_t bytestore::stats::*> &counters_by_name() {
    using stats = bytestore::stats;
    static const std::map<std::string, std::uint64_t stats::*> names = {
        {"hits", &stats::hits},
        {"misses", &stats::misses},
        {"sets", &stats::sets},
        {"deletes", &stats::deletes},
        {"evictions_by_bytes", &stats::evictions_by_bytes},
        {"evictions_by_entries", &stats::evictions_by_entries},
        {"expirations", &stats::expirations},
        {"entries", &stats::entries},
        {"key_bytes", &stats::key_bytes},
        {"value_bytes", &stats::value_bytes},
        {"overhead_bytes", &stats::overhead_bytes},
        {"max_bytes", &stats::max_bytes},
        {"max_entries", &stats::max_entries},
    };
    return names;
}

/// The form of an answer: counters with their values.
json counter_values(const json &form) {
    if (!form.is_object()) {
        throw failure("not an object of counters: " + form.dump());
    }
    return form;
}

answer_list copied(const bytestore::values &values) { return answer_list(values.begin(), values.end()); }

} // namespace

fields::fields(json step) : left_(std::move(step)) {
    if (!left_.is_object()) {
        throw failure("a step is an object");
    }
    if (const auto name = optional("error")) {
        error_ = text(*name);
    }
}

json fields::take(const char *field) {
    if (auto form = optional(field)) {
        return *form;
    }
    throw failure(std::string("no field ") + field);
}

std::optional<json> fields::optional(const char *field) {
    const auto found = left_.find(field);
    if (found == left_.end()) {
        return std::nullopt;
    }
    json form = *found;
    left_.erase(found);
    return form;
}

std::string fields::prefix() {
    const auto form = optional("prefix");
    return form ? bytes(*form) : std::string();
}

bool fields::scribble() {
    const auto form = optional("scribble");
    return form && flag(*form);
}

void fields::end() const {
    if (!left_.empty()) {
        throw failure("unknown field " + left_.items().begin().key());
    }
}

std::optional<std::string> scan::next() {
    if (!place_) {
        place_ = keys_.begin();
    } else if (*place_ != keys_.end()) {
        ++*place_;
    }
    return *place_ == keys_.end() ? std::nullopt : std::optional<std::string>(**place_);
}

running_case::running_case() { stores_.emplace("", bytestore::store()); }

void running_case::run(const json &step) {
    static const std::map<std::string, void (running_case::*)(const std::string &, fields)> operations = {
        {"open", &running_case::open},
        {"close", &running_case::close},
        {"mset", &running_case::mset},
        {"mget", &running_case::mget},
        {"mdelete", &running_case::mdelete},
        {"keys", &running_case::keys},
        {"len", &running_case::len},
        {"advance", &running_case::advance},
        {"counters", &running_case::counters},
        {"scan_start", &running_case::scan_start},
        {"scan_next", &running_case::scan_next},
        {"scan_rest", &running_case::scan_rest},
        {"race", &running_case::race},
    };
    fields left(step);
    const std::string operation = text(left.take("do"));
    const auto store = left.optional("store");
    const auto found = operations.find(operation);
    if (found == operations.end()) {
        throw failure("unknown operation " + operation);
    }
    (this->*found->second)(store ? text(*store) : std::string(), std::move(left));
}

bytestore::store &running_case::store_of(const std::string &name) {
    const auto found = stores_.find(name);
    if (found == stores_.end()) {
        throw failure("no store " + name);
    }
    return found->second;
}

scan &running_case::scan_of(const std::string &name) {
    const auto found = scans_.find(name);
    if (found == scans_.end()) {
        throw failure("no scan " + name);
    }
    return found->second;
}

void running_case::open(const std::string &name, fields step) {
    const std::string url = text(step.take("url"));
    step.end();
    auto store = outcome(step.error(), [&] { return bytestore::store::open(url); });
    if (store && !stores_.emplace(name, std::move(*store)).second) {
        throw failure("a store named " + name + " is there");
    }
}

void running_case::close(const std::string &name, fields step) {
    step.end();
    outcome(step.error(), done([&] { store_of(name).close(); }));
}

void running_case::mset(const std::string &name, fields step) {
    pair_list pairs = conformance::pairs(step.take("pairs"));
    const bool scribble = step.scribble();
    const auto ttl = step.optional("ttl");
    step.end();
    if (ttl) {
        const bytestore::time_to_live time = ttl->is_null() ? bytestore::forever : milliseconds(*ttl);
        outcome(step.error(), done([&] { store_of(name).mset(pairs, time); }));
    } else {
        outcome(step.error(), done([&] { store_of(name).mset(pairs); }));
    }
    if (scribble) {
        for (auto &[key, value] : pairs) {
            overwrite(key);
            overwrite(value);
        }
    }
}

void running_case::mget(const std::string &name, fields step) {
    byte_list keys = list(step.take("keys"));
    const auto expected = step.answer("expect", answers);
    const bool scribble = step.scribble();
    step.end();
    const auto answer = outcome(step.error(), [&] { return store_of(name).mget(keys); });
    if (scribble) { // the keys only: the answer is read-only
        std::for_each(keys.begin(), keys.end(), overwrite);
    }
    compare(answer ? std::optional(copied(*answer)) : std::nullopt, expected);
}

void running_case::mdelete(const std::string &name, fields step) {
    byte_list keys = list(step.take("keys"));
    const auto removed = step.answer("removed", number);
    const bool scribble = step.scribble();
    step.end();
    const auto answer = outcome(step.error(), [&] { return store_of(name).mdelete(keys); });
    if (scribble) {
        std::for_each(keys.begin(), keys.end(), overwrite);
    }
    compare(answer, removed);
}

void running_case::keys(const std::string &name, fields step) {
    const std::string prefix = step.prefix();
    const auto expected = step.answer("expect", list);
    step.end();
    const auto answer = outcome(step.error(), [&] {
        bytestore::key_range keys = store_of(name).keys(prefix);
        return byte_list(keys.begin(), keys.end());
    });
    compare(answer, expected);
}

void running_case::len(const std::string &name, fields step) {
    const auto expected = step.answer("expect", number);
    step.end();
    compare(outcome(step.error(), [&] { return store_of(name).size(); }), expected);
}

void running_case::advance(const std::string &name, fields step) {
    const auto time = milliseconds(step.take("ms"));
    step.end();
    outcome(step.error(), done([&] { store_of(name).advance_clock(time); }));
}

void running_case::counters(const std::string &name, fields step) {
    const auto expected = step.answer("expect", counter_values);
    step.end();
    const auto stats = outcome(step.error(), [&] { return store_of(name).stats(); });
    if (!stats) {
        return;
    }
    for (const auto &[counter, value] : expected->items()) {
        const auto found = counters_by_name().find(counter);
        if (found == counters_by_name().end()) {
            throw failure("unknown counter " + counter);
        }
        const std::uint64_t got = (*stats).*found->second;
        if (got != number(value)) {
            throw failure(counter + " is " + std::to_string(got) + ", must be " + value.dump());
        }
    }
}

void running_case::scan_start(const std::string &name, fields step) {
    const std::string scan_name = text(step.take("scan")), prefix = step.prefix();
    step.end();
    if (auto keys = outcome(step.error(), [&] { return store_of(name).keys(prefix); })) {
        scans_.insert_or_assign(scan_name, scan(std::move(*keys)));
    }
}

void running_case::scan_next(const std::string &, fields step) {
    scan &scan = scan_of(text(step.take("scan")));
    const std::size_t take = number(step.take("take"));
    const auto expected = step.answer("expect", list);
    step.end();
    const auto answer = outcome(step.error(), [&] {
        byte_list keys;
        while (keys.size() < take) {
            auto key = scan.next();
            if (!key) {
                break;
            }
            keys.push_back(std::move(*key));
        }
        return keys;
    });
    compare(answer, expected);
}

void running_case::scan_rest(const std::string &, fields step) {
    scan &scan = scan_of(text(step.take("scan")));
    const auto expected = step.answer("expect", list);
    const auto may_form = step.optional("may_include");
    step.end();
    const byte_list may_list = may_form ? list(*may_form) : byte_list();
    const std::set<std::string> may(may_list.begin(), may_list.end());
    const auto answer = outcome(step.error(), [&] {
        std::set<std::string> seen;
        byte_list others;
        while (const auto key = scan.next()) {
            if (!seen.insert(*key).second) {
                throw failure("twice: " + shown(*key));
            }
            if (may.count(*key) == 0) {
                others.push_back(*key);
            }
        }
        return others;
    });
    compare(answer, expected);
}

void running_case::race(const std::string &name, fields step) {
    const byte_list keys = list(step.take("keys"));
    const std::size_t writers = number(step.take("writers")), rounds = number(step.take("rounds"));
    const std::string with = text(step.take("with"));
    step.end();
    outcome(step.error(), done([&] { conformance::race(store_of(name), keys, writers, rounds, with); }));
}

} // namespace conformance
