// Functions of glibc under the oldest version that they have, so that an addon linked on a new system
// loads on an old one. Every call in the addon, those of the libraries that are linked in too, finds
// these first; they are seen by nothing else. scripts/release/symbols.mjs says which are missing here.
#include <pthread.h>
#include <sys/stat.h>

#if defined(__linux__) && defined(__GLIBC__)

#if defined(__x86_64__)
#define FERRET_OLDEST "GLIBC_2.2.5"
constexpr int kStatVersion = 1;
#elif defined(__aarch64__)
#define FERRET_OLDEST "GLIBC_2.17"
constexpr int kStatVersion = 0;
#else
#error "Expected x86_64 or aarch64, whose oldest versions of glibc are known here"
#endif

#define FERRET_HIDDEN __attribute__((visibility("hidden")))

// The addon's own `name`, which calls the oldest one of the system.
#define FERRET_OLD(result, name, parameters, arguments)      \
  extern "C" result ferret_old_##name parameters noexcept;   \
  asm(".symver ferret_old_" #name ", " #name "@" FERRET_OLDEST); \
  extern "C" FERRET_HIDDEN result name parameters noexcept { return ferret_old_##name arguments; }

// As of 2.29 these leave errno alone; the values are the same.
FERRET_OLD(double, log2, (double x), (x))
FERRET_OLD(double, pow, (double x, double y), (x, y))

// As of 2.34 these are in libc itself; before, in libpthread, which Node has loaded.
extern "C" int ferret_old_pthread_once(pthread_once_t*, void (*)());
asm(".symver ferret_old_pthread_once, pthread_once@" FERRET_OLDEST);
extern "C" FERRET_HIDDEN int pthread_once(pthread_once_t* once, void (*routine)()) {
  return ferret_old_pthread_once(once, routine);
}
FERRET_OLD(int, pthread_rwlock_init,
           (pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes), (lock, attributes))
FERRET_OLD(int, pthread_rwlock_destroy, (pthread_rwlock_t* lock), (lock))
FERRET_OLD(int, pthread_rwlock_rdlock, (pthread_rwlock_t* lock), (lock))
FERRET_OLD(int, pthread_rwlock_wrlock, (pthread_rwlock_t* lock), (lock))
FERRET_OLD(int, pthread_rwlock_unlock, (pthread_rwlock_t* lock), (lock))

// As of 2.33 this is a function of its own; before, it was a call of another.
extern "C" int __lxstat(int version, const char* path, struct stat* status) noexcept;
extern "C" FERRET_HIDDEN int lstat(const char* path, struct stat* status) noexcept {
  return __lxstat(kStatVersion, path, status);
}

// As of 2.32: whether reference counts may be kept without atomic instructions. Never, says this one.
extern "C" FERRET_HIDDEN char __libc_single_threaded;
char __libc_single_threaded = 0;

#endif
