/* A run of every export in a process that is killed at the first system call but for memory, waiting and random bits:
 * no thread, file, signal handler or byte of output can be the library's. What needs no system call (the environment,
 * the locale, what runs at exit or at a thread's end) is counted where the library would ask the C library for it. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../c/abi/abi.h"

/* Shared with the process that reports. */
typedef struct {
    atomic_size_t asked, failures, calls;
    atomic_int refused; /* a system call, +1 */
} findings;
static findings *found;
static atomic_bool sealed;

/* --- In place of the C library's --- */

#define COUNTS(result, name, parameters)                                                                               \
    result name parameters;                                                                                            \
    result name parameters {                                                                                           \
        if (atomic_load(&sealed)) {                                                                                    \
            atomic_fetch_add(&found->asked, 1);                                                                        \
        }                                                                                                              \
        return 0;                                                                                                      \
    }

#pragma GCC diagnostic ignored "-Wunused-parameter"
COUNTS(char *, getenv, (const char *name))
COUNTS(char *, secure_getenv, (const char *name))
COUNTS(char *, setlocale, (int category, const char *locale))
COUNTS(int, on_exit, (void (*function)(int, void *), void *argument))
COUNTS(int, __cxa_at_quick_exit, (void (*function)(void *), void *library))
COUNTS(int, __cxa_thread_atexit_impl, (void (*function)(void *), void *object, void *library))
COUNTS(int, pthread_key_create, (pthread_key_t * key, void (*function)(void *)))

/* --- The filter --- */

static const int harmless[] = {SYS_mmap, SYS_munmap,     SYS_mremap,    SYS_mprotect,      SYS_madvise,
                               SYS_brk,  SYS_futex,      SYS_getrandom, SYS_sched_yield,   SYS_clock_gettime,
                               SYS_exit, SYS_exit_group, SYS_rseq,      SYS_rt_sigprocmask};

static void refuse(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    atomic_store(&found->refused, info->si_syscall + 1);
    syscall(SYS_exit_group, 1);
}

/* For all threads, for good. */
static bool seal(void) {
    struct sock_filter program[2 * COUNT_OF(harmless) + 2];
    unsigned short end = 0;
    program[end++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT_OF(harmless); i++) {
        program[end++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)harmless[i], 0, 1);
        program[end++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    program[end++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    const struct sock_fprog filter = {end, program};
    const struct sigaction action = {.sa_sigaction = refuse, .sa_flags = SA_SIGINFO};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

/* --- The run: nothing in it may print --- */

#define MUST(condition) atomic_fetch_add((condition) ? &found->calls : &found->failures, 1)
#define ANSWERS(expected, call) MUST((call) == (expected))

static uint8_t large[3 * 1000 * 1000];

static void set_and_get(bytestore_store *store) {
    const bytestore_slice keys[] = {S("a"), S("b"), S("large"), S("huge")};
    const bytestore_slice values[] = {S("1"), S(""), {large, 5000}, {large, sizeof large}};
    bytestore_buffer answers;
    bytestore_area area = {.bytes = large, .capacity = sizeof large, .lens = (size_t[4]){0}};
    size_t count = 0;
    ANSWERS(OK, bytestore_check_items(4, keys, NULL, &count));
    ANSWERS(OK, bytestore_mset(store, 4, keys, NULL, values, NULL));
    ANSWERS(OK, bytestore_mset_ttl(store, 1, keys, NULL, values, NULL, 60000));
    ANSWERS(OK, bytestore_mget(store, 4, keys, NULL, &answers));
    ANSWERS(OK, bytestore_free_buffer(&answers));
    ANSWERS(OK, bytestore_mget_into(store, 2, keys, NULL, &area));
    ANSWERS(OK, bytestore_len(store, &count));
    ANSWERS(OK, bytestore_count(store, keys[0].ptr, 1, &count));
    ANSWERS(OK, bytestore_mdelete(store, 4, keys, NULL, &count));
    ANSWERS(OK, bytestore_delete_prefix(store, NULL, 0, &count));
    bytestore_counters counters = {.size = sizeof counters};
    ANSWERS(OK, bytestore_read_counters(store, &counters));
}

/* Enough for the index to grow and shrink, and for the set of keys. */
static void fill_and_scan(bytestore_store *store) {
    bytestore_cursor *cursor = NULL, *from = NULL;
    bytestore_buffer page;
    uint64_t position = 0;
    size_t count = 0;
    for (uint32_t number = 0; number < 20000; number++) {
        const bytestore_slice key = {(const uint8_t *)&number, sizeof number};
        bytestore_mset(store, 1, &key, NULL, &key, NULL);
    }
    ANSWERS(OK, bytestore_count(store, S("\1").ptr, 1, &count));
    ANSWERS(OK, bytestore_keys(store, S("\1").ptr, 1, &cursor));
    ANSWERS(OK, bytestore_cursor_next(cursor, 10, &page));
    ANSWERS(OK, bytestore_free_buffer(&page));
    ANSWERS(OK, bytestore_cursor_position(cursor, &position));
    ANSWERS(OK, bytestore_keys_from(store, NULL, 0, position, &from));
    ANSWERS(OK, bytestore_cursor_next(from, 0, &page));
    ANSWERS(OK, bytestore_free_buffer(&page));
    ANSWERS(OK, bytestore_cursor_close(from));
    ANSWERS(OK, bytestore_cursor_close(cursor));
    ANSWERS(OK, bytestore_delete_prefix(store, NULL, 0, &count));
}

static void compute(bytestore_store *store, const char *key, bool fails) {
    const bytestore_slice asked = {(const uint8_t *)key, strlen(key)};
    bytestore_computation *computation = NULL;
    bytestore_buffer missing, answers;
    ANSWERS(OK, bytestore_compute(store, 1, &asked, NULL, 0, &computation));
    ANSWERS(OK, bytestore_computation_next(computation, &missing));
    if (missing.count > 0) {
        ANSWERS(OK, bytestore_free_buffer(&missing));
        ANSWERS(OK, fails ? bytestore_computation_fail(computation, 77)
                          : bytestore_computation_set(computation, 1, &asked, NULL));
    }
    if (!fails) {
        ANSWERS(OK, bytestore_computation_values(computation, &answers));
        ANSWERS(OK, bytestore_free_buffer(&answers));
    }
    ANSWERS(OK, bytestore_computation_close(computation));
}

/* In memory: the calls for files ask the system for more. */
static void save_and_load(bytestore_store *store, int32_t level) {
    bytestore_buffer saved;
    uint64_t done = 0, total = 0;
    ANSWERS(OK, bytestore_save_buffer(store, level, &saved));
    ANSWERS(OK, bytestore_load_buffer(store, saved.slices[0].ptr, saved.slices[0].len));
    ANSWERS(OK, bytestore_free_buffer(&saved));
    ANSWERS(OK, bytestore_progress(store, &done, &total));
}

static void ask_what_it_is(bytestore_store *store) {
    uint64_t capabilities = 0;
    bytestore_buffer message;
    ANSWERS(OK, bytestore_capabilities(store, &capabilities));
    ANSWERS(OK, bytestore_remote_message(store, &message));
    ANSWERS(OK, bytestore_free_buffer(&message));
}

/* Before the process is sealed. */
static void use_files(bytestore_store *store) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/bytestore-guest-%ld", (long)getpid());
    ANSWERS(OK, bytestore_save(store, path, 0));
    ANSWERS(OK, bytestore_load(store, path));
    MUST(unlink(path) == 0);
}

static void be_refused(bytestore_store *store) {
    const bytestore_slice key = S("key"), wide = {large, 5000};
    bytestore_buffer answers;
    bytestore_store *none = NULL;
    bytestore_slice part;
    ANSWERS(INVALID, bytestore_mset(store, 1, NULL, NULL, &key, NULL));
    ANSWERS(INVALID, bytestore_open("nosuch:", &none, &part));
    ANSWERS(CLOSED, bytestore_mget((bytestore_store *)&part, 1, &key, NULL, &answers));
    ANSWERS(INVALID, bytestore_advance_clock(store, 1));
    ANSWERS(OVER_LIMIT, bytestore_mset(store, 1, &key, NULL, &wide, NULL));
    MUST(bytestore_status_name(INVALID) != NULL);
    MUST(bytestore_status_message(INVALID) != NULL);
    MUST(bytestore_version() != NULL);
    MUST(bytestore_abi_version() == BYTESTORE_ABI_VERSION);
}

static void *use_everything(void *shared) {
    static const char *const urls[] = {"memory:", "memory:guest", "memory:?max_entries=1000",
                                       "memory:?max_bytes=8MiB&ttl=1h"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bytestore_store *store = NULL, *view = NULL;
        ANSWERS(OK, bytestore_open(urls[i], &store, NULL));
        ANSWERS(OK, bytestore_namespace(store, S("view/").ptr, 5, &view));
        set_and_get(store);
        set_and_get(view);
        fill_and_scan(store);
        fill_and_scan(view);
        ANSWERS(OK, bytestore_close(view));
        ANSWERS(OK, bytestore_close(store));
    }
    bytestore_store *own = bytestore_new(), *manual = NULL, *small = NULL;
    ANSWERS(OK, bytestore_open("memory:?clock=manual", &manual, NULL));
    ANSWERS(OK, bytestore_open("memory:?max_item_bytes=1KiB", &small, NULL));
    ANSWERS(OK, bytestore_advance_clock(manual, 1));
    be_refused(small);
    compute(own, "fails", true);
    ask_what_it_is(own);
    save_and_load(own, 0);
    save_and_load(small, 3);
    for (size_t i = 0; i < 100; i++) {
        compute(shared, i % 2 == 0 ? "even" : "odd", false); /* the other thread does, too */
        bytestore_delete_prefix(shared, NULL, 0, NULL);
    }
    ANSWERS(OK, bytestore_close(own));
    ANSWERS(OK, bytestore_close(manual));
    ANSWERS(OK, bytestore_close(small));
    return NULL;
}

static pthread_barrier_t both;
static void *beside(void *shared) {
    pthread_barrier_wait(&both); /* it has begun */
    pthread_barrier_wait(&both); /* it is sealed */
    return use_everything(shared);
}

static void in_a_sealed_process(void) {
    pthread_t thread;
    bytestore_store *shared = bytestore_new();
    use_files(shared);
    pthread_barrier_init(&both, NULL, 2);
    if (pthread_create(&thread, NULL, beside, shared) != 0) {
        _exit(2);
    }
    pthread_barrier_wait(&both);
    if (!seal()) {
        _exit(3);
    }
    atomic_store(&sealed, true);
    pthread_barrier_wait(&both);
    use_everything(shared);
    syscall(SYS_exit_group, pthread_join(thread, NULL));
}

static void it_is_quiet(void) {
    const pid_t process = fork();
    if (process == 0) {
        in_a_sealed_process();
    }
    int status = -1;
    CHECK_EQUAL(waitpid(process, &status, 0), process);
    CHECK_EQUAL(atomic_load(&found->refused), 0); /* the system call, +1 */
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(atomic_load(&found->failures), 0);
    CHECK_EQUAL(atomic_load(&found->asked), 0);
    CHECK(atomic_load(&found->calls) > 1000);
    printf("quiet: %zu calls on 2 threads, 0 system calls but those for memory, waiting and random bits; asked the C "
           "library "
           "%zu times for environment, locale, exit or thread-exit handlers\n",
           atomic_load(&found->calls), atomic_load(&found->asked));
}

/* What must stop the run does: a filter that lets everything through would prove nothing. */
static void the_filter_holds(void) {
    const pid_t process = fork();
    if (process == 0) {
        if (seal()) {
            syscall(SYS_write, STDOUT_FILENO, "  this must not be written\n", 27);
        }
        _exit(0);
    }
    int status = -1;
    CHECK_EQUAL(waitpid(process, &status, 0), process);
    CHECK_EQUAL(WEXITSTATUS(status), 1);
    CHECK_EQUAL(atomic_exchange(&found->refused, 0), SYS_write + 1);
}

int main(void) {
    const test tests[] = {
        {"every export in a sealed process", it_is_quiet},
        {"the seal holds", the_filter_holds},
    };
    mallopt(M_ARENA_MAX, 1); /* glibc reads files to know how many it should have */
    found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return found == MAP_FAILED ? EXIT_FAILURE : run_tests("quiet", tests, COUNT_OF(tests));
}
