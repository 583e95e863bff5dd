/// Reads the notation of the cases. What is not in it is a failure, never a guess.
#include "notation.hpp"

#include <algorithm>
#include <string_view>

namespace conformance {
namespace {

void only_fields(const json &form, std::initializer_list<const char *> known) {
    if (!form.is_object()) {
        throw failure("not in the notation: " + form.dump());
    }
    for (const auto &[field, value] : form.items()) {
        if (std::find(known.begin(), known.end(), field) == known.end()) {
            throw failure("unknown field " + field);
        }
    }
}

unsigned digit(char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const std::size_t value = digits.find(c);
    if (value == std::string_view::npos) {
        throw failure(std::string("not a digit after %: ") + c);
    }
    return static_cast<unsigned>(value);
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (text.size() - i < 3) {
            throw failure("% without two digits");
        }
        decoded += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
        i += 2;
    }
    return decoded;
}

std::string with_number(std::string pattern, std::size_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    constexpr std::string_view hole = "{i}";
    for (std::size_t at = 0; (at = pattern.find(hole, at)) != std::string::npos; at += digits.size()) {
        pattern.replace(at, hole.size(), digits);
    }
    return pattern;
}

} // namespace

std::string bytes(const json &form) {
    if (form.is_string()) {
        return percent_decoded(form.get_ref<const std::string &>());
    }
    only_fields(form, {"repeat", "times"});
    const std::string once = bytes(form.at("repeat"));
    const std::size_t times = number(form.at("times"));
    std::string all;
    all.reserve(once.size() * times);
    for (std::size_t i = 0; i < times; ++i) {
        all += once;
    }
    return all;
}

byte_list list(const json &form) {
    byte_list items;
    if (form.is_array()) {
        for (const json &item : form) {
            items.push_back(bytes(item));
        }
        return items;
    }
    only_fields(form, {"count", "pattern", "start", "step"});
    const std::size_t count = number(form.at("count")), start = number(form.value("start", json(0u))),
                      step = number(form.value("step", json(1u)));
    const std::string pattern = text(form.at("pattern"));
    for (std::size_t i = 0; i < count; ++i) {
        items.push_back(percent_decoded(with_number(pattern, start + i * step)));
    }
    return items;
}

answer_list answers(const json &form) {
    answer_list items;
    if (form.is_array()) {
        for (const json &item : form) {
            items.push_back(item.is_null() ? std::nullopt : std::optional(bytes(item)));
        }
        return items;
    }
    for (std::string &item : list(form)) {
        items.emplace_back(std::move(item));
    }
    return items;
}

pair_list pairs(const json &form) {
    pair_list all;
    if (form.is_array()) {
        for (const json &item : form) {
            if (!item.is_array() || item.size() != 2) {
                throw failure("not a pair: " + item.dump());
            }
            all.emplace_back(bytes(item[0]), bytes(item[1]));
        }
        return all;
    }
    only_fields(form, {"keys", "values", "value"});
    if (form.contains("values") == form.contains("value")) {
        throw failure("either values or a value: " + form.dump());
    }
    const byte_list keys = list(form.at("keys"));
    const byte_list values =
        form.contains("values") ? list(form["values"]) : byte_list(keys.size(), bytes(form["value"]));
    if (keys.size() != values.size()) {
        throw failure(std::to_string(keys.size()) + " keys, " + std::to_string(values.size()) + " values");
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        all.emplace_back(keys[i], values[i]);
    }
    return all;
}

std::size_t number(const json &form) {
    if (!form.is_number_unsigned()) {
        throw failure("not a number of things: " + form.dump());
    }
    return form.get<std::size_t>();
}

std::string text(const json &form) {
    if (!form.is_string()) {
        throw failure("not a string: " + form.dump());
    }
    return form.get<std::string>();
}

bool flag(const json &form) {
    if (!form.is_boolean()) {
        throw failure("neither true nor false: " + form.dump());
    }
    return form.get<bool>();
}

std::string shown(const std::string &bytes) {
    constexpr std::size_t enough = 40;
    std::string text = "\"";
    for (const char c : bytes.substr(0, enough)) {
        if (c >= ' ' && c <= '~' && c != '%') {
            text += c;
        } else {
            const auto value = static_cast<unsigned char>(c);
            text += {'%', "0123456789ABCDEF"[value >> 4], "0123456789ABCDEF"[value & 15]};
        }
    }
    return text + (bytes.size() > enough ? "…\" of " + std::to_string(bytes.size()) + " bytes" : "\"");
}

std::string shown(const std::optional<std::string> &answer) { return answer ? shown(*answer) : "missing"; }

std::string shown(std::size_t number) { return std::to_string(number); }

} // namespace conformance
