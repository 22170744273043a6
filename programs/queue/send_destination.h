/* send_destination: how much each destination of remote mail may get at a time, and which of them rest.

   A destination begins with a few commands at a time; each success allows one more, up to
   control/concurrencydestination. When it cannot be reached, the number is halved; when nothing has reached it
   since the last time, it rests: first REST_FIRST seconds, then twice as long each time, REST_LAST at most. After the
   rest one command at a time goes there until one arrives.

   Not all destinations have all the places of the channel. Those in the state after a rest, the suspects, share a
   quarter. Those that nothing has reached lately, the strangers, suspects included, leave a quarter to those that were
   reached; and old mail to strangers leaves another quarter to new mail. So hosts that hang, however many, do not hold up
   mail for those that work.

   control/destinationconnections and destinationrate say how many connections, and how many messages in a time, one may have
   (send_limits.h). One that has had all its messages waits for its time, and nobody looks at it before; that is no rest.

   A domain is a destination of its own until qmail-rspawn, which is asked before the first mail goes there, says
   that others have the very same servers: then the destination is those servers. What was said counts for an hour,
   and until mail for the domain does not arrive.

   Local mail has destinations as well: accounts. What stands before the first of control/breakchars in the local part is
   an account of its own until qmail-lspawn, which is asked in the same way, says whose it is. One that has a place gets
   another only while it has fewer than are free; so a single one never has more than half of them, and others find some.
   Those for which mail waits take turns.

   The owner of a virtual domain whose users are no accounts is called like the domain, "example.net" (users/assign), and
   is asked about by the name that virtualdomains gives to all of its mail, "example.net-". Each mailbox of it is an
   account, and there may be many: together they get another place only while they have fewer than three times as many as
   are free, and take one turn among the accounts; so one domain on a disk that hangs leaves places to others. What a
   mailbox is, is read in the address; nobody is asked about it.

   A domain of control/holdremote is a destination of its own that rests until its mail is called for, and for an hour from
   then it is as any other.

   Messages that a destination has no room for wait in its heaps and cost nothing until it has. */

#ifndef MAILTREE_SEND_DESTINATION_H
#define MAILTREE_SEND_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "send_message.h"

struct destination;

/* The domain of an address; the whole of one without '@'. */
char const *destination_domain(char const *address, size_t address_len, size_t *len);

/* The account of a local address; of one in a virtual domain what its owner is asked about by, "example.net-". */
char const *destination_account(char const *address, size_t address_len, size_t *len);

/* What addresses of one domain, account or mailbox have in common, in small letters; never 0. Two share a key by chance
   only, and then no more than their limits. Until it is known whether a domain has mailboxes it is that of the domain. */
uint64_t destination_key(enum channel c, char const *address, size_t len);

/* What all mailboxes of a domain have in common; of others it is their key. */
uint64_t destination_owner(enum channel c, char const *address, size_t len);

/* The one place that says what a destination is. Never null; an idle one may be forgotten at the next call. */
struct destination *destination_of(enum channel c, char const *address, size_t len);

/* The same by the key; null when its domain or account is not remembered, or has turned out to have mailboxes. */
struct destination *destination_find(uint64_t key);

/* The only domain, account or mailbox of some addresses, as its key, 0 when there are several: *sole is that of the earlier
   ones, if any. Several mailboxes of one domain are that domain. It is remembered, so that destination_find may find it. */
void destination_meet(enum channel c, uint64_t *sole, bool any, char const *address, size_t len);

/* What it is called: the domain, or its servers (remote_where.h), or the account; a mailbox has no name. */
char const *destination_name(struct destination const *d);

/* Whether nothing has reached it lately, nor failed to: it gets little time, so that those who do nothing but wait do not
   hold up others. A suspect, of whom it is known that he is slow, has all the time there is, in few places. */
bool destination_is_strange(struct destination const *d);

/* How many recipients a command may have: as many as a transaction with its servers, where they have said so. */
unsigned destination_most(struct destination const *d);

/* So they have. It counts for an hour: perhaps they will take more. */
void destination_learn_most(struct destination *d, unsigned most);

enum destination_room {
  ROOM,
  NO_ROOM,
  RESTING,
  NOT_KNOWN     /* where this domain's mail goes is being asked */
};

/* Whether a command of this newness may go there now. The last pass of a message does not wait for the end of a
   rest. */
enum destination_room destination_room(struct destination *d, enum newness n, bool last);

/* Whether there is no room for any mailbox of its domain. */
bool destination_is_full(struct destination const *d);

/* What the spawner of the channel is to be asked next: where mail for this domain goes, or whose this address is. No
   more than WIRE_QUESTIONS_MAX are under way at a time. False when there is nothing to ask. */
bool destination_question_next(enum channel c, unsigned *number, char const **name);

/* The answer to it; empty when there is none. False when nothing was asked under this number. */
bool destination_answered(enum channel c, unsigned number, char const *name, size_t len);

/* Mail for the address's domain did not arrive: perhaps its servers are others now. */
void destination_doubt(char const *address, size_t len);

/* Whether a pass of the channel that begins now is the last for the message, as far as it has one domain. */
bool destination_last_pass(struct message const *m, enum channel c);

/* A message that is due waits until there is room. */
void destination_wait(struct destination *d, struct message *m);

/* Whether messages of this newness wait for it. */
bool destination_awaited(struct destination const *d, enum newness n);

/* Whether destination_next may have a message. */
bool destination_ready(enum channel c, enum newness n);

/* The next message whose destination has room: of NEW, one of a destination where new mail waits. It leaves the
   heap; null when there is none. */
struct message *destination_next(enum channel c, enum newness n);

void destination_started(struct destination *d, enum newness n);

enum destination_outcome { REACHED, UNREACHED, UNKNOWN };

/* A command is over. True when the destination begins to rest, for *rest seconds. */
bool destination_ended(struct destination *d, enum newness n, enum destination_outcome outcome, unsigned *rest);

/* Ends the rests that are over, and looks at those whose time has come to get a message again. True when there were any. */
bool destinations_wake(void);

/* Control files have been read again: all have the limits that they say. */
void destinations_limit_anew(void);

/* Ends all rests, and believes no answer any longer. */
void destinations_wake_all(void);

/* When destination_next may have something: now, the end of a rest, the time of one that has had all its messages, or
   UINT64_MAX. */
uint64_t destinations_next(enum channel c);

/* The seconds until the end of its rest; 0 when it does not rest. */
uint64_t destination_rests(struct destination const *d);

/* The seconds until one more message may go there by its rate; 0 when it may now. */
uint64_t destination_is_paced(struct destination const *d);

/* Of the domain or account with this key, as it was asked about; null when it is not remembered. */
char const *destination_domain_name(uint64_t key);

/* Ends the rest of one. */
void destination_wake(struct destination *d);

/* The mail of a domain is called for, which ends its rest: *messages becomes how many wait for that. False when it was called
   for less than a minute ago. */
struct call;
bool destination_call(struct call const *c, uint32_t *messages);

/* Whether the latest call was for it. */
bool destination_was_called(uint64_t key);

#endif
