#include <string.h>

#include "control_table.h"
#include "delivery_wire.h"

char const ABSENT_ME[] = "me";

/* In the order in which the family shows them, then what this system adds. */
struct control_file const control_files[] = {
  { "badmailfrom", OF_FAMILY, FORM_NAMES, 0, 0, judge_sender, EFFECT_CONNECTION, "qmail-smtpd",
    "Senders whose mail is refused: user@host, or @host for all users of that host.",
    "", " not accepted in MAIL FROM.", "Any MAIL FROM is allowed." },
  { "bouncefrom", OF_FAMILY, FORM_LINE, "MAILER-DAEMON", 0, judge_local_part, EFFECT_RELOAD, "qmail-send",
    "The user in the From line of a bounce.",
    "Bounce user name is ", ".", 0 },
  { "bouncehost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_RELOAD, "qmail-send",
    "The host in the From line and in the text of a bounce.",
    "Bounce host name is ", ".", 0 },
  { "concurrencylocal", OF_FAMILY, FORM_NUMBER, "10", WIRE_SLOTS_MAX, 0, EFFECT_RELOAD, "qmail-send",
    "How many local deliveries may run at once; 0 holds them all.",
    "Local concurrency is ", ".", 0 },
  { "concurrencyremote", OF_FAMILY, FORM_NUMBER, "20", WIRE_SLOTS_MAX, 0, EFFECT_RELOAD, "qmail-send",
    "How many remote deliveries may run at once; 0 holds them all.",
    "Remote concurrency is ", ".", 0 },
  { "databytes", OF_FAMILY, FORM_NUMBER, "0", 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "The most bytes of a message taken by SMTP; 0 is no limit. DATABYTES in the environment goes first.",
    "SMTP DATA limit is ", " bytes.", 0 },
  { "defaultdomain", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_MESSAGE, "qmail-inject",
    "Added to a host name without dots. QMAILDEFAULTDOMAIN in the environment goes first.",
    "Default domain name is ", ".", 0 },
  { "defaulthost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_MESSAGE, "qmail-inject",
    "Added to an address without a host. QMAILDEFAULTHOST in the environment goes first.",
    "Default host name is ", ".", 0 },
  { "doublebouncehost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_RELOAD, "qmail-send",
    "The host that gets bounces nobody else takes.",
    "2B recipient host: ", ".", 0 },
  { "doublebounceto", OF_FAMILY, FORM_LINE, "postmaster", 0, judge_mailbox, EFFECT_RELOAD, "qmail-send",
    "The user who gets bounces nobody else takes; an empty line discards them.",
    "2B recipient user: ", ".", 0 },
  { "envnoathost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_RELOAD, "qmail-send, qmail-smtpd",
    "Added to a recipient without @.",
    "Presumed domain name is ", ".", 0 },
  { "helohost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_helo, EFFECT_DELIVERY, "qmail-remote",
    "How qmail-remote introduces itself to other hosts.",
    "SMTP client HELO host name is ", ".", 0 },
  { "idhost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_MESSAGE, "qmail-inject, qmail-smtpd",
    "The host in a Message-ID. QMAILIDHOST in the environment goes first.",
    "Message-ID host name is ", ".", 0 },
  { "localiphost", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_CONNECTION, "qmail-smtpd",
    "Replaces the address of this host in a recipient such as user@[192.0.2.1].",
    "Local IP address becomes ", ".", 0 },
  { "locals", OF_FAMILY, FORM_NAMES, ABSENT_ME, 0, judge_domain, EFFECT_RELOAD, "qmail-send, qmail-smtpd, qmail-inject",
    "Domains whose mail is delivered on this host to users and aliases of the same name.",
    "Messages for ", " are delivered locally.", "Messages for me are delivered locally." },
  { "me", OF_FAMILY, FORM_LINE, 0, 0, judge_full_name, EFFECT_MANY, "nearly all programs",
    "The full name of this host, and the value of many files that are absent.",
    "My name is ", ".", "My name is undefined! Uh-oh." },
  { "percenthack", OF_FAMILY, FORM_NAMES, 0, 0, judge_domain, EFFECT_RELOAD, "qmail-send, qmail-smtpd",
    "Domains where user%host@domain means user@host. Together with rcpthosts a way to relay: better not.",
    "The percent hack is allowed for user%host@", ".", "The percent hack is not allowed." },
  { "plusdomain", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, judge_host, EFFECT_MESSAGE, "qmail-inject",
    "Replaces the + at the end of a host name. QMAILPLUSDOMAIN in the environment goes first.",
    "Plus domain name is ", ".", 0 },
  { "qmqpservers", OF_FAMILY, FORM_NAMES, 0, 0, judge_address, EFFECT_MESSAGE, "qmail-qmqpc",
    "Addresses of hosts that queue mail for this one, tried in this order.",
    "QMQP server: ", ".", "No QMQP servers." },
  { "queuelifetime", OF_FAMILY, FORM_NUMBER, "604800", 0, 0, EFFECT_RELOAD, "qmail-send",
    "Seconds for which delivery is tried before a message bounces.",
    "Message lifetime in the queue is ", " seconds.", 0 },
  { "rcpthosts", OF_FAMILY, FORM_NAMES, 0, 0, judge_pattern, EFFECT_CONNECTION, "qmail-smtpd",
    "Domains to which anybody may send through this host; .example.org stands for all names below it.",
    "SMTP clients may send messages to recipients at ", ".", "SMTP clients may send messages to any recipient." },
  { "morercpthosts", OF_FAMILY, FORM_NAMES, 0, 0, judge_pattern, EFFECT_CDB, "qmail-newmrh",
    "More of rcpthosts, for hundreds of domains and above: compiled into morercpthosts.cdb.",
    "SMTP clients may send messages to recipients at ", ".", "No effect." },
  { "morercpthosts.cdb", OF_FAMILY, FORM_CDB, 0, 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "The table that qmail-newmrh makes from morercpthosts.",
    "", "", "No effect." },
  { "smtpgreeting", OF_FAMILY, FORM_LINE, ABSENT_ME, 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "What an SMTP client hears first; its first word is the full name of this host.",
    "SMTP greeting: 220 ", ".", 0 },
  { "smtproutes", OF_FAMILY, FORM_MAP, 0, 0, judge_route, EFFECT_DELIVERY, "qmail-remote",
    "domain:relay or domain:relay:port sends mail for the domain to that host instead of its MX; an empty "
    "domain is every one without a line of its own, an empty relay the MX after all.",
    "SMTP route: ", "", "No artificial SMTP routes." },
  { "timeoutconnect", OF_FAMILY, FORM_NUMBER, "60", 0, 0, EFFECT_DELIVERY, "qmail-remote",
    "Seconds to wait for a connection to another host.",
    "SMTP client connection timeout is ", " seconds.", 0 },
  { "timeoutremote", OF_FAMILY, FORM_NUMBER, "1200", 0, 0, EFFECT_DELIVERY, "qmail-remote",
    "Seconds to wait for each reply of another host.",
    "SMTP client data timeout is ", " seconds.", 0 },
  { "timeoutsmtpd", OF_FAMILY, FORM_NUMBER, "1200", 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "Seconds to wait for each piece of an SMTP client.",
    "SMTP server data timeout is ", " seconds.", 0 },
  { "virtualdomains", OF_FAMILY, FORM_MAP, 0, 0, judge_virtual, EFFECT_RELOAD, "qmail-send, qmail-smtpd, qmail-inject",
    "domain:prefix has mail for user@domain delivered here to prefix-user; also user@domain:prefix, "
    ".domain:prefix for all below it, and :prefix for all the rest. An empty prefix is an exception.",
    "Virtual domain: ", "", "No virtual domains." },

  { "agentlimit", OF_OURS, FORM_NUMBER, "100", 1000, 0, EFFECT_SEND_START, "qmail-lspawn, qmail-rspawn",
    "How many idle qmail-local, and how many idle qmail-remote, wait for their next delivery; 0 is none.",
    "Idle agent limit is ", ".", 0 },
  { "agentseconds", OF_OURS, FORM_NUMBER, "5", 3600, 0, EFFECT_SEND_START, "qmail-lspawn, qmail-rspawn",
    "Seconds for which an idle qmail-local waits for mail to its user, an idle qmail-remote for mail to its host; 0 is "
    "none.",
    "Idle agents wait for ", " seconds.", 0 },
  { "breakchars", OF_OURS, FORM_LINE, "-", 0, judge_breaks, EFFECT_DELIVERY,
    "qmail-getpw, qmail-pw2u, qmail-send, qmail-smtpd",
    "The characters that may stand between a user and the rest of an address, as in joe-list. An empty line is none.",
    "Break characters: ", "", 0 },
  { "concurrencydestination", OF_OURS, FORM_NUMBER, "10", 0, 0, EFFECT_RELOAD, "qmail-send",
    "How many remote deliveries to one domain may run at once; 0 is no limit.",
    "Remote concurrency per destination is ", ".", 0 },
  { "concurrencyincoming", OF_OURS, FORM_NUMBER, 0, 0, 0, EFFECT_SMTPD_START, "service qmail-smtpd",
    "How many SMTP clients are served at once. The service does not start without it.",
    "SMTP server concurrency is ", ".", 0 },
  { "concurrencypop3", OF_OURS, FORM_NUMBER, "40", 0, 0, EFFECT_POP3D_START, "service qmail-pop3d",
    "How many POP3 clients are served at once.",
    "POP3 server concurrency is ", ".", 0 },
  { "concurrencyqueue", OF_OURS, FORM_NUMBER, "20", 255, 0, EFFECT_QUEUE_START, "qmail-queued",
    "How many messages the service qmail-queue takes at once; for more qmail-queue is started.",
    "Queue service concurrency is ", ".", 0 },
  { "defaultdelivery", OF_OURS, FORM_TEXT, "./Maildir/", 0, judge_delivery, EFFECT_SEND_START, "service qmail-send",
    "What happens to mail of a user without .qmail: text of a .qmail file, of any number of lines.",
    "Default delivery: ", "", 0 },
  { "destinationrecipients", OF_OURS, FORM_MAP, 0, 0, judge_count, EFFECT_RELOAD, "qmail-send",
    "domain:number is how many recipients of a message go to the domain in one SMTP transaction, 1 to 100; "
    ".domain:number is for all below it, :number for all the rest, who have 100 without it.",
    "Recipients per transaction: ", "", "100 recipients of a message go in one SMTP transaction." },
  { "longlines", OF_OURS, FORM_LINE, "fold", 0, judge_long_lines, EFFECT_DELIVERY, "qmail-remote",
    "Lines of more than 998 bytes in mail to other hosts: fold them where that changes nothing, return the message, or send"
    " them as they are.",
    "SMTP client with long lines: ", ".", 0 },
  { "maxerrors", OF_OURS, FORM_NUMBER, "20", 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "After so many refusals in one SMTP session it is ended.",
    "SMTP server ends a session after ", " errors.", 0 },
  { "maxrecipients", OF_OURS, FORM_NUMBER, "1000", 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "The most recipients of one message taken by SMTP.",
    "SMTP recipient limit is ", ".", 0 },
  { "mboxdotlock", OF_OURS, FORM_NUMBER, "0", 0, 0, EFFECT_DELIVERY, "qmail-local",
    "Seconds to wait for FILE.lock before mail is appended to an mbox FILE; 0: no such file is made or looked for.",
    "Mbox dot lock timeout is ", " seconds.", 0 },
  { "patrn", OF_OURS, FORM_LINE, "002", 0, judge_patrn, EFFECT_DELIVERY, "qmail-local, qmail-smtpd",
    "Mode bits that a home directory and a .qmail file must not have, or mail waits; 022 is for hosts whose users share a "
    "group. The conf-patrn of other qmails.",
    "Forbidden mode bits: ", ".", 0 },
  { "queueextra", OF_OURS, FORM_NAMES, 0, 0, 0, EFFECT_MESSAGE, "qmail-queue",
    "Recipients who get a copy of every message that is queued.",
    "Every message goes also to ", ".", "No extra recipients." },
  { "timeoutdata", OF_OURS, FORM_NUMBER, "0", 86400, 0, EFFECT_DELIVERY, "qmail-remote",
    "Seconds in which another host must take each block of a message; 0 is as timeoutremote, 180 at most.",
    "SMTP client message timeout is ", " seconds.", 0 },
  { "timeoutdot", OF_OURS, FORM_NUMBER, "0", 86400, 0, EFFECT_DELIVERY, "qmail-remote",
    "Seconds to wait for the answer of another host to a whole message; 0 is as timeoutremote.",
    "SMTP client answer timeout is ", " seconds.", 0 },
  { "timeoutlocal", OF_OURS, FORM_NUMBER, "14400", 0, 0, EFFECT_SEND_START, "qmail-lspawn",
    "Seconds for one local delivery; what runs longer is ended and tried again later; 0 is no limit.",
    "Local delivery limit is ", " seconds.", 0 },
  { "timeoutpop3session", OF_OURS, FORM_NUMBER, "14400", 0, 0, EFFECT_CONNECTION, "qmail-pop3d",
    "Seconds for one POP3 session as a whole, the login not counted; 0 is no limit.",
    "POP3 server session limit is ", " seconds.", 0 },
  { "timeoutsession", OF_OURS, FORM_NUMBER, "1800", 0, 0, EFFECT_CONNECTION, "qmail-smtpd",
    "Seconds for one SMTP session as a whole; 0 is no limit.",
    "SMTP server session limit is ", " seconds.", 0 },
  { "timeoutstop", OF_OURS, FORM_NUMBER, "30", 0, 0, EFFECT_RELOAD, "qmail-send",
    "Seconds that running deliveries get when qmail-send stops; then they are ended and tried again later.",
    "Deliveries at a stop get ", " seconds.", 0 },
  { 0 }
};

size_t const control_file_count = sizeof control_files / sizeof *control_files - 1;

struct control_file const *control_file_of(char const *name)
{
  for (struct control_file const *f = control_files; f->name; f++)
    if (strcmp(f->name, name) == 0) return f;
  return 0;
}

static char const *const effects[] = {
  [EFFECT_RELOAD]      = "qmailctl reload",
  [EFFECT_SEND_START]  = "qmailctl restart qmail-send",
  [EFFECT_SMTPD_START] = "qmailctl restart qmail-smtpd",
  [EFFECT_POP3D_START] = "qmailctl restart qmail-pop3d",
  [EFFECT_QUEUE_START] = "qmailctl restart qmail-queue",
  [EFFECT_CONNECTION]  = "nothing to do, it counts from the next connection",
  [EFFECT_DELIVERY]    = "nothing to do, it counts from the next delivery",
  [EFFECT_MESSAGE]     = "nothing to do, it counts from the next message",
  [EFFECT_MANY]        = "qmailctl restart",
  [EFFECT_CDB]         = "qmailctl cdb",
};

char const *control_effect_text(enum control_effect effect)
{
  return effects[effect];
}

static char const *const forms[] = {
  [FORM_LINE]   = "one line",
  [FORM_NUMBER] = "number",
  [FORM_NAMES]  = "list",
  [FORM_MAP]    = "map",
  [FORM_TEXT]   = "text",
  [FORM_CDB]    = "cdb",
};

char const *control_form_text(enum control_form form)
{
  return forms[form];
}

char const *const known_variables[] = {
  "DATABYTES", "RELAYCLIENT", "RBLSMTPD", "NORCPTCHECK", "SMTPD_BARE", "SMTPD_HEADER", "SMTPD_HYPHEN", "SMTPD_RECEIVED",
  "LOCALIPHOST", "MAXERRORS", "MAXRECIPIENTS", "SMTPGREETING", "TIMEOUTPOP3SESSION", "TIMEOUTSESSION", "TIMEOUTSMTPD",
  "QMAILQUEUE", "QMAILREMOTE", "MEMORY", "PATH", "UID", "GID",
  "QMAILINJECT", "QMAILUSER", "QMAILHOST", "QMAILNAME", "QMAILSUSER", "QMAILSHOST", "QMAILMFTFILE",
  "QMAILDEFAULTDOMAIN", "QMAILDEFAULTHOST", "QMAILIDHOST", "QMAILPLUSDOMAIN", "MAILUSER", "MAILHOST", "MAILNAME",
  "TCPREMOTEHOST", "TCPREMOTEIP", "TCPREMOTEINFO", "TCPREMOTEPORT", "TCPLOCALHOST", "TCPLOCALIP", "TCPLOCALPORT",
  0
};
