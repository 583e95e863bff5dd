// What a user of an installed copy writes in C++. Ends with 1 where an answer is not the expected one.
#include <bytestore.hpp>
#include <iostream>

int main() {
    bytestore::store store;
    store.mset({{"user/1", "Ada"}, {"user/2", "Grace"}});
    const std::string_view keys[] = {"user/1", "user/9"};
    const bytestore::values answers = store.mget(keys);
    std::cout << answers[0].value_or("missing") << ", " << answers[1].value_or("missing") << ", ";

    bytestore::store loaded;
    loaded.load_from_memory(store.save_to_memory(3));
    std::cout << loaded.size() << " loaded\n";

    const bytestore::store server = bytestore::store::open("rediss://127.0.0.1:1/?retries=0");
    try {
        server.mget(keys);
        return 1;
    } catch (const bytestore::error &error) {
        return error.code() == bytestore::errc::remote_failure ? 0 : 1;
    }
}
