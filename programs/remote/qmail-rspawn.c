/* qmail-rspawn: start a qmail-remote for each delivery qmail-send asks for, and report what became of it.

   runs as   qmailr, started by qmail-start
   reads     commands on fd 0 (delivery_wire.h), messages in queue/mess
   changes   queue/lock/tcpto: cleared at the start
   says      reports on fd 1
   exits     0 when qmail-send has closed the commands and all deliveries are done, 111 when the machine fails us
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "address.h"
#include "die.h"
#include "remote_judge.h"
#include "spawn.h"
#include "tcpto.h"

enum { OUTPUT_MAX = 1 << 20 };    /* bytes of one qmail-remote: WIRE_RECIPIENTS_MAX long records fit */

/* A program that cannot be started is trouble of this machine, whatever the reason, and no fault of the mail. */
enum { CANNOT_START = 111 };

static char const *host_of(char const *address)
{
  size_t len = strlen(address);
  size_t at = address_at(address, len);
  return at < len ? address + at + 1 : address + len;
}

static void become_remote(struct wire_command const *command)
{
  char const *argv[WIRE_RECIPIENTS_MAX + 4];
  size_t n = 0;
  char const *program = getenv("QMAILREMOTE");
  argv[n++] = program ? program : "qmail-remote";
  argv[n++] = host_of(command->recipients[0].address);
  argv[n++] = command->sender;
  for (size_t i = 0; i < command->count; i++) argv[n++] = command->recipients[i].address;
  argv[n] = 0;
  execvp(argv[0], (char *const *)argv);
  _exit(CANNOT_START);
}

static void judge(struct wire_command const *command, int wstat, char const *output, size_t len)
{
  static struct judgement j;
  for (size_t i = 0; i < command->count; i++) {
    judge_recipient(&j, wstat, output, len, len >= OUTPUT_MAX, i, command->count);
    spawn_report(command, i, j.letter, j.text, j.len);
  }
}

static struct spawner const remote = {
  .become_delivery = become_remote, .judge = judge, .output_max = OUTPUT_MAX, .output_cut = 0
};

int main(void)
{
  PROG = "qmail-rspawn";
  enter_home();
  tcpto_clear();    /* without the table no host is ever spared, and nothing worse */
  return spawn_main(&remote);
}
