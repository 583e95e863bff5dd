// Sessions of a web application: each lives for half an hour after it was last used, and one customer's sessions are
// ended in one step. All of them have 64 MiB together.
#include <bytestore.hpp>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

class sessions {
  public:
    explicit sessions(const bytestore::options &options) : store_(options) {}

    void begin(std::string_view customer, std::string_view token, std::string_view user) {
        store_.mset({{key(customer, token), user}});
    }

    // Whose session it is, which then lives on; nothing: it has ended, or never was one.
    std::optional<std::string> touch(std::string_view customer, std::string_view token) {
        const std::string name = key(customer, token);
        const bytestore::values found = store_.mget({name});
        if (!found[0]) {
            return std::nullopt;
        }
        std::string user(*found[0]);
        store_.mset({{name, user}}); // a new half hour
        return user;
    }

    std::size_t end_all(std::string_view customer) {
        const std::string prefix = key(customer, "");
        return store_.delete_prefix(prefix);
    }

    std::size_t count(std::string_view customer) const {
        const std::string prefix = key(customer, "");
        return store_.count(prefix);
    }

    void sleep(std::chrono::milliseconds time) { store_.advance_clock(time); }

  private:
    static std::string key(std::string_view customer, std::string_view token) {
        return std::string(customer) + '/' + std::string(token);
    }

    bytestore::store store_;
};

int main() {
    bytestore::options options;
    options.max_bytes = 64u << 20;
    options.ttl = 30min;
    options.manual_clock = true; // only here, so that nobody has to wait
    sessions all(options);

    all.begin("acme", "t1", "Ada");
    all.begin("acme", "t2", "Grace");
    all.begin("globex", "t3", "Edsger");
    all.sleep(20min);
    std::cout << "after 20 minutes: " << all.touch("acme", "t1").value_or("nobody") << '\n';
    all.sleep(20min);
    std::cout << "after 40 minutes: " << all.touch("acme", "t1").value_or("nobody") << ", "
              << all.touch("acme", "t2").value_or("nobody") << '\n';
    std::cout << "ended at acme: " << all.end_all("acme") << ", left: " << all.count("acme") << '\n';
}
