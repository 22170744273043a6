/* cut_power MOUNTPOINT...: what a power cut does to file systems: from now on nothing reaches the disk and the journal is not
   flushed. Prints the moment just before, by the monotonic clock. Needs root and ext4 or xfs. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>

#define FS_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
enum { NO_LOG_FLUSH = 2 };

int main(int argc, char **argv)
{
  int failures = 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
  for (int i = 1; i < argc; i++) {
    uint32_t how = NO_LOG_FLUSH;
    int fd = open(argv[i], O_RDONLY | O_DIRECTORY);
    if (fd == -1 || ioctl(fd, FS_IOC_SHUTDOWN, &how) == -1) {
      perror(argv[i]);
      failures = 1;
    }
  }
  return failures;
}
