/* A session with qmail-popup up to the moment when a password is to be checked: all that the client sends.
   The program itself is compiled in; it finds that it cannot open the pipe to the checker. */

#include <setjmp.h>
#include <unistd.h>

#include "bytes.h"
#include "fuzz.h"

static _Noreturn void over(int code);
static int no_pipe(int ends[2]);
#define main popup_main
#define _exit over
#define pipe no_pipe
#define controls_at_home no_controls
#include "qmail-popup.c"

static jmp_buf out_of_session;
static bool attempted;

static _Noreturn void over(int code)
{
  longjmp(out_of_session, code + 1);
}

static int no_pipe(int ends[2])
{
  ends[0] = ends[1] = -1;
  attempted = true;
  return -1;
}

bool no_controls(struct control const *table, char const **culprit)
{
  *culprit = table->file;
  return true;
}

static void hold(stralloc *replies, int in, int out)
{
  struct stat st;
  state = NAMELESS;
  user_len = 0;
  attempted = false;
  assert(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0 && ftruncate(out, 0) == 0);
  net_init(&net, in, out, TIMEOUT, TIMEOUT, client_lost);
  net.rest_is_for_another = true;
  if (!setjmp(out_of_session)) converse(&net, verbs, &state);
  assert(fstat(out, &st) == 0 && bytes_ready(replies, (size_t)st.st_size + 1));
  replies->len = (size_t)pread(out, replies->s, (size_t)st.st_size, 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int in = -1, out;
  static stralloc replies = STRALLOC_ZERO;
  struct part text = whole(data, size);
  if (in == -1) {
    in = file_new();
    out = file_new();
    strcpy(stamp, "<1.2@h>");
  }
  file_fill(in, text.s, text.len);
  hold(&replies, in, out);
  assert(times(replies.s, replies.len, "\n") == times(replies.s, replies.len, "\r\n"));
  assert(attempted == (times(replies.s, replies.len, "unable to open pipe") == 1));
  return 0;
}
