/* vrcptcheck: whether mail for an address would be taken, by the parts that answer RCPT.

   runs as   whoever may know it: qmaild, for a server that is not ours
   reads     an address on descriptor 3, up to its end, a NUL or a line end; control files; the service qmail-users
   exits     0 there is such a user, alias or robot, 1 there is none, or his mail would be returned, 111 it cannot be told now
*/


#include <skalibs/strerr.h>

#include "address.h"
#include "credentials.h"
#include "die.h"
#include "whose.h"

enum { THERE = 0, NOBODY = 1, LATER = 111 };

/* Another host's address is none of ours, and what cannot be seen may be there. */
static int const verdicts[] = {
  [WHOSE_NOT_MINE] = NOBODY, [WHOSE_NOBODY] = NOBODY, [WHOSE_ELSEWHERE] = NOBODY,
  [WHOSE_ACCOUNT] = THERE, [WHOSE_FORWARD] = THERE, [WHOSE_MAY_BE] = THERE,
  [WHOSE_LOCKED] = NOBODY, [WHOSE_FULL] = NOBODY,
  [WHOSE_FULL_NOW] = LATER, [WHOSE_UNKNOWN_NOW] = LATER
};

static size_t address_len(char const *s, size_t len)
{
  size_t end = 0;
  while (end < len && s[end] && s[end] != '\n' && s[end] != '\r') end++;
  return end;
}

int main(void)
{
  static struct whose whose = WHOSE_ZERO;
  char address[CREDENTIALS_MAX + 1];
  PROG = "vrcptcheck";
  ssize_t r = credentials_read(address, sizeof address);
  if (r == -1) strerr_diefusys(LATER, "read descriptor 3");
  size_t len = address_len(address, (size_t)r);
  if (len > CREDENTIALS_MAX || !len || address_at(address, len) == len) return NOBODY;
  enter_home();
  return verdicts[whose_ask(&whose, address, len, WHOSE_AT_THE_DOOR)];
}
