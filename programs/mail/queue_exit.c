#include <stddef.h>

#include "queue_exit.h"

static struct { int code; char const *verdict; } const verdicts[] = {
  { QUEUE_EXIT_ACCEPTED,         "" },
  { QUEUE_EXIT_TOO_LONG,         "Denvelope address too long for qq (#5.1.3)" },
  { QUEUE_EXIT_NO_MEMORY,        "Zqq out of memory (#4.3.0)" },
  { QUEUE_EXIT_TIMEOUT,          "Zqq timeout (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_WRITE,     "Zqq write error or disk full (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_READ,      "Zqq read error (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_CONFIGURE, "Zqq unable to read configuration (#4.3.0)" },
  { QUEUE_EXIT_NO_HOME,          "Zqq trouble in home directory (#4.3.0)" },
  { QUEUE_EXIT_NO_QUEUE,         "Zqq trouble creating files in queue (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_CREATE,    "Zqq trouble creating files in queue (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_LINK,      "Zqq trouble creating files in queue (#4.3.0)" },
  { QUEUE_EXIT_BUG,              "Zqq internal bug (#4.3.0)" },
  { QUEUE_EXIT_MALFORMED,        "Zqq internal bug (#4.3.0)" },
  { QUEUE_EXIT_NO_ACCOUNT,       "Zqq temporary problem (#4.3.0)" },

  { QUEUE_EXIT_REFUSED,          "Dmail server permanently rejected message (#5.3.0)" },
  { QUEUE_EXIT_CANNOT_CONNECT,   "Zqq trouble making network connection (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_MARK,      "Zqq trouble creating files in queue (#4.3.0)" },
  { QUEUE_EXIT_CANNOT_ANNOUNCE,  "Zqq trouble creating files in queue (#4.3.0)" },
  { QUEUE_EXIT_REFUSED_NOW,      "Zmail server temporarily rejected message (#4.3.0)" },
  { QUEUE_EXIT_SERVER_TIMEOUT,   "Zconnection to mail server timed out (#4.4.1)" },
  { QUEUE_EXIT_SERVER_REFUSED,   "Zconnection to mail server rejected (#4.4.1)" },
  { QUEUE_EXIT_SERVER_FAILED,    "Zcommunication with mail server failed (#4.4.2)" },
  { QUEUE_EXIT_OWN_TEXT,         "Zqq temporary problem (#4.3.0)" },
  { QUEUE_EXIT_TOO_LONG_THERE,   "Denvelope address too long for qq (#5.1.3)" },
  { QUEUE_EXIT_NOT_STARTED,      "Zunable to exec qq (#4.3.0)" }
};
enum { PERMANENT_FIRST = 11, PERMANENT_LAST = 40 };

char const *queue_exit_verdict(int code)
{
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
    if (verdicts[i].code == code) return verdicts[i].verdict;
  if (code >= PERMANENT_FIRST && code <= PERMANENT_LAST) return "Dqq permanent problem (#5.3.0)";
  return "Zqq temporary problem (#4.3.0)";
}
