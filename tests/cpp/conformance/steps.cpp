/// Does the steps of a case and compares what they answer.
#include "steps.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "../folder.hpp"
#include "outcome.hpp"
#include "place.hpp"
#include "race.hpp"

namespace conformance {
namespace {

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

/// Those bytes with what a step says is wrong with them.
std::string spoilt(std::string bytes, std::optional<json> cut, std::optional<json> flip) {
    if (cut) {
        bytes.resize(bytes.size() - std::min(bytes.size(), number(*cut)));
    }
    if (flip) {
        const std::size_t place = number(*flip);
        if (place >= bytes.size()) {
            throw failure("no byte " + std::to_string(place) + " to flip");
        }
        bytes[place] = static_cast<char>(bytes[place] ^ 1);
    }
    return bytes;
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

std::optional<bytestore::time_to_live> fields::ttl() {
    const auto form = optional("ttl");
    if (!form) {
        return std::nullopt;
    }
    return form->is_null() ? bytestore::forever : milliseconds(*form);
}

void fields::end() const {
    if (!left_.empty()) {
        throw failure("unknown field " + left_.items().begin().key());
    }
}

running_case::running_case() { stores_.emplace("", own_store()); }

void running_case::run(const json &step) {
    static const std::map<std::string, void (running_case::*)(const std::string &, fields)> operations = {
        {"open", &running_case::open},
        {"save", &running_case::save},
        {"load", &running_case::load},
        {"close", &running_case::close},
        {"mset", &running_case::mset},
        {"mget", &running_case::mget},
        {"mdelete", &running_case::mdelete},
        {"keys", &running_case::keys},
        {"count", &running_case::count},
        {"delete_prefix", &running_case::delete_prefix},
        {"page", &running_case::page},
        {"namespace", &running_case::name_space},
        {"compute", &running_case::compute},
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

void running_case::add(const std::string &name, std::optional<bytestore::store> store) {
    if (store && !stores_.emplace(name, std::move(*store)).second) {
        throw failure("a store named " + name + " is there");
    }
}

const std::string &running_case::snapshot_of(const std::string &name) {
    const auto found = snapshots_.find(name);
    if (found == snapshots_.end()) {
        throw failure("no snapshot " + name);
    }
    return found->second;
}

void running_case::open(const std::string &name, fields step) {
    const auto snapshot = step.optional("snapshot");
    const folder files;
    const std::filesystem::path file = files.path() / "opened";
    const std::string url = snapshot ? "snapshot:" + file.string() : text(step.take("url"));
    step.end();
    if (snapshot) {
        write(file, snapshot_of(text(*snapshot)));
    }
    add(name, outcome(step.error(), [&] { return bytestore::store::open(url); }));
}

void running_case::save(const std::string &name, fields step) {
    const std::string as = text(step.take("as"));
    step.end();
    const folder files;
    const std::filesystem::path file = files.path() / "saved";
    const auto in_memory = outcome(step.error(), [&] { return store_of(name).save_to_memory(); });
    const auto in_file = outcome(step.error(), done([&] { store_of(name).save(file); }));
    if (!in_memory || !in_file) {
        return;
    }
    if (in_memory->bytes() != content(file)) {
        throw failure("the file is not what is in memory");
    }
    if (!snapshots_.emplace(as, in_memory->bytes()).second) {
        throw failure("a snapshot named " + as + " is there");
    }
}

void running_case::load(const std::string &name, fields step) {
    const std::string &saved = snapshot_of(text(step.take("from")));
    const std::string bytes = spoilt(saved, step.optional("cut"), step.optional("flip"));
    step.end();
    const folder files;
    const std::filesystem::path file = files.path() / "loaded";
    write(file, bytes);
    outcome(step.error(), done([&] { store_of(name).load_from_memory(bytes); }));
    outcome(step.error(), done([&] { store_of(name).load(file); }));
}

void running_case::close(const std::string &name, fields step) {
    step.end();
    outcome(step.error(), done([&] { store_of(name).close(); }));
}

void running_case::mset(const std::string &name, fields step) {
    pair_list pairs = conformance::pairs(step.take("pairs"));
    const bool scribble = step.scribble();
    const auto ttl = step.ttl();
    step.end();
    bytestore::store &store = store_of(name);
    outcome(step.error(), done([&] { ttl ? store.mset(pairs, *ttl) : store.mset(pairs); }));
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

void running_case::count(const std::string &name, fields step) {
    const std::string prefix = bytes(step.take("prefix"));
    const auto expected = step.answer("expect", number);
    step.end();
    compare(outcome(step.error(), [&] { return store_of(name).count(prefix); }), expected);
}

void running_case::delete_prefix(const std::string &name, fields step) {
    const std::string prefix = bytes(step.take("prefix"));
    const auto removed = step.answer("removed", number);
    step.end();
    compare(outcome(step.error(), [&] { return store_of(name).delete_prefix(prefix); }), removed);
}

void running_case::name_space(const std::string &name, fields step) {
    const std::string prefix = bytes(step.take("prefix")), as = text(step.take("as"));
    step.end();
    add(as, outcome(step.error(), [&] { return store_of(name).namespaced(prefix); }));
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

void running_case::race(const std::string &name, fields step) {
    const byte_list keys = list(step.take("keys"));
    const std::size_t writers = number(step.take("writers")), rounds = number(step.take("rounds"));
    const std::string with = text(step.take("with"));
    step.end();
    outcome(step.error(), done([&] { conformance::race(store_of(name), keys, writers, rounds, with); }));
}

} // namespace conformance
