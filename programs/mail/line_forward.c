#include <string.h>

#include <skalibs/strerr.h>

#include "line_message.h"
#include "line_program.h"
#include "text.h"

/* The message may come from a pipe, changed by a program before. */
int line_forward(int argc, char const *const *argv)
{
  stralloc addresses = STRALLOC_ZERO;
  PROG = "forward";
  if (argc < 2) strerr_dieusage(100, "forward address ...");
  char const *sender = line_variable("NEWSENDER"), *head = line_variable("DTLINE");
  for (int i = 1; i < argc; i++) text_addb(&addresses, argv[i], strlen(argv[i]) + 1);
  line_queued(0, line_resend(&(struct resend){
    .message_fd = 0, .is_stream = true, .head = head, .head_len = strlen(head), .sender = sender, .addresses = &addresses
  }));
}
