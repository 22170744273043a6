/* main: runs a fuzz target on the files named, or in the directories named, without a fuzzer. */

#include <dirent.h>

#include "../fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static size_t done;

static void replay_file(char const *path)
{
  static char block[INPUT_MAX];
  FILE *f = fopen(path, "rb");
  if (!f) {
    perror(path);
    exit(111);
  }
  size_t size = fread(block, 1, sizeof block, f);
  fclose(f);
  printf("%s\n", path);
  fflush(stdout);
  /* A block of exactly this size, so that the sanitizer sees the first byte that is read behind it. */
  uint8_t *input = malloc(size);
  if (size) memcpy(input, block, size);
  LLVMFuzzerTestOneInput(input, size);
  free(input);
  done++;
}

/* A target may change its working directory, so names are absolute. */
static void replay(char const *name)
{
  char path[4096];
  DIR *dir = opendir(name);
  if (!dir) {
    replay_file(name);
    return;
  }
  for (struct dirent const *d; (d = readdir(dir));) {
    snprintf(path, sizeof path, "%s/%s", name, d->d_name);
    if (d->d_name[0] != '.') replay_file(path);
  }
  closedir(dir);
}

int main(int argc, char **argv)
{
  for (int i = 1; i < argc; i++) replay(argv[i]);
  return done ? 0 : 100;
}
