#include "list_sentences.h"

/* Identifiers, codes and parameters are those of text/messages, which a list may have of its own. */
struct list_sentence const list_sentences[] = {
  /* who does not get an answer */
  { "ERR_BOUNCE", "sorry, this address does not answer bounces (#5.7.2)" },
  { "ERR_ANONYMOUS", "sorry, this address does not answer senders without a host (#5.7.2)" },
  { "ERR_MAILING_LIST", "sorry, this message comes from a mailing list: it has a Mailing-List field (#5.7.2)" },
  { "ERR_LOOPING", "this message loops: it has been here before (#5.4.6)" },
  { "ERR_SUBLIST", "this list takes messages of its parent list only: there is no Mailing-List field (#5.7.2)" },
  { "ERR_NOT_PARENT", "this list takes messages of its parent list only (#5.7.2)" },
  { "ERR_NOT_PUBLIC", "sorry, this list is not public (#5.7.2)" },
  { "ERR_NO_POST", "sorry, only moderators may write to this list (#5.7.2)" },

  /* addresses and commands */
  { "ERR_BAD_ADDRESS", "sorry, this is no address that can be subscribed (#5.1.1)" },
  { "ERR_BAD_RETURN_ADDRESS", "sorry, there is no such return address (#5.1.1)" },
  { "ERR_NOT_AVAILABLE", "sorry, this command is not available here (#5.1.1)" },
  { "ERR_NOT_ARCHIVED", "sorry, this list has no archive (#5.1.1)" },
  { "ERR_NOT_INDEXED", "sorry, the archive of this list has no index (#5.1.1)" },
  { "ERR_REQ_LISTNAME", "please say which list is meant (#5.1.1)" },
  { "ERR_REQ_LOCAL", "this request does not name a list of this host (#5.1.1)" },
  { "ERR_BAD_REQUEST", "sorry, this request cannot be understood (#5.7.1)" },
  { "ERR_BAD_DIGCODE", "sorry, only who knows the code may make a digest (#5.7.1)" },
  { "ERR_MOD_COOKIE", "sorry, this address is not valid any more, or never was (#5.7.1)" },
  { "ERR_NOT_ALLOWED", "sorry, you may not do this (#5.7.1)" },
  { "ERR_SUBSCRIBER_CAN", "sorry, only subscribers may <#1#> (#5.7.1)" },

  /* posts */
  { "ERR_BAD_ALL", "sorry, nothing of this message is of a type that this list takes (#5.7.0)" },
  { "ERR_NO_ADDRESS", "the address of the list must stand in To or Cc (#5.7.0)" },
  { "ERR_NO_SUBJECT", "sorry, this list takes no message without a subject (#5.7.0)" },
  { "ERR_SUBCOMMAND", "commands do not go to the list itself: this subject is one (#5.7.0)" },
  { "ERR_BODYCOMMAND", "commands do not go to the list itself: this text begins with one (#5.7.0)" },
  { "ERR_HEADER_TOO_LONG", "sorry, the header of this message is too long (#5.3.4)" },
  { "ERR_MIME_QUOTE", "sorry, this message has a Content-Type with a quotation that does not end (#5.6.0)" },
  { "ERR_REJECT", "sorry, this message has a header field that this list does not take (#5.7.0)" },
  { "ERR_BAD_TYPE", "sorry, this list takes no message of the type <#1#> (#5.2.3)" },
  { "ERR_BAD_PART", "sorry, this list takes no message with a part of the type <#1#> (#5.2.3)" },
  { "ERR_MAX_SIZE", "sorry, this list takes no more than <#1#> bytes of text (#5.2.3)" },
  { "ERR_MIN_SIZE", "sorry, this list takes no less than <#1#> bytes of text (#5.2.3)" },

  /* texts that are edited */
  { "ERR_BAD_NAME", "sorry, a text has letters and _ in its name (#5.6.0)" },
  { "ERR_EDSIZE", "sorry, the new text is too long (#5.6.0)" },
  { "ERR_NO_MARK", "sorry, the line where the text begins, or ends, is not there (#5.6.0)" },
  { "ERR_BAD_INDEX", "the index of the archive is damaged (#5.3.0)" },

  /* how things stand */
  { "ERR_MOD_ACCEPTED", "this message has been accepted before" },
  { "ERR_MOD_REJECTED", "this message has been rejected before" },
  { "ERR_MOD_TIMEOUT", "this message is not there any more: it has waited too long" },
  { "ERR_EMPTY_DIGEST", "nothing to digest" },
  { "ERR_EMPTY_LIST", "no message has been sent to this list yet" },
  { "ERR_SUB_NOP", "the address was subscribed already" },
  { "ERR_UNSUB_NOP", "the address was not subscribed" },
  { "ERR_CONFIRM_ASKED", "this address has been asked within the last hour, and is not asked again" },
  { "ERR_CONFIRM_BUSY", "too many have to be asked just now; the next one is asked in a minute" },
  { "ERR_ANSWER_HAD", "this address has had an answer to that within the last ten minutes, and gets none" },
  { "ERR_ANSWER_ENOUGH", "this address has had as many answers as it may have in ten minutes, and gets none" },
  { "ERR_ANSWER_BUSY", "the list has sent as many answers as it may in a minute; the next one goes later" },
  { "ERR_AUTOMATIC", "this is an automatic answer, and gets none" },
  { "ERR_EXTRA_SUB", "the address is in <#1#> now" },
  { "ERR_EXTRA_UNSUB", "the address is not in <#1#> any more" },

  /* the environment */
  { "ERR_NOSENDER", "SENDER not set" },
  { "ERR_NODEFAULT", "DEFAULT not set" },
  { "ERR_NOLOCAL", "LOCAL not set" },
  { "ERR_NODTLINE", "DTLINE not set" },

  /* the system; its reason follows */
  { "ERR_OPEN", "unable to open <#1#>" },
  { "ERR_READ", "unable to read <#1#>" },
  { "ERR_READ_INPUT", "unable to read the input" },
  { "ERR_WRITE", "unable to write <#1#>" },
  { "ERR_WRITE_STDOUT", "unable to write to standard output" },
  { "ERR_CREATE", "unable to create <#1#>" },
  { "ERR_DELETE", "unable to remove <#1#>" },
  { "ERR_STAT", "unable to look at <#1#>" },
  { "ERR_SYNC", "unable to sync <#1#>" },
  { "ERR_FLUSH", "unable to write all of <#1#>" },
  { "ERR_CLOSE", "unable to close <#1#>" },
  { "ERR_CHDIR", "unable to chdir to <#1#>" },
  { "ERR_CHMOD", "unable to change the mode of <#1#>" },
  { "ERR_SEEK", "unable to seek in <#1#>" },
  { "ERR_SEEK_INPUT", "unable to go back to the beginning of the input" },
  { "ERR_OBTAIN_LOCK", "unable to lock <#1#>" },
  { "ERR_MOVE", "unable to rename <#1#> to <#2#>" },
  { "ERR_EXECUTE", "unable to run <#1#>" },
  { "ERR_DNS_LOOKUP", "unable to look up <#1#> in DNS" },
  { "ERR_FORK", "unable to fork" },
  { "ERR_NOMEM", "out of memory" },
  { "ERR_NOEXIST", " does not exist" },
  { "ERR_SUBDIR", "<#1#> is no table of this list" },
  { "ERR_DATABASE", "there is no way to subscribers in <#1#>" },
  { "ERR_SPLIT", "the map of sublists has a line that is not domain:low:high:list" },
  { "ERR_TAG_IN_SETTING", "<#1#> has a tag for the address of somebody, which has no meaning there" },

  /* the queue, and programs that are run */
  { "ERR_QMAIL_QUEUE", "unable to queue the message" },
  { "ERR_TMP_QMAIL_QUEUE", "unable to queue the message: <#1#>" },
  { "ERR_CHILD_CRASHED", "the program crashed" },
  { "ERR_CHILD_FATAL", "the program has failed for good" },
  { "ERR_CHILD_TEMP", "the program has failed for now" },
  { "ERR_CHILD_UNKNOWN", "the program has failed with a code that says nothing" },

  /* subjects */
  { "SUB_USR_SUBSCRIBE", "confirm subscribe to <#L#>@<#H#>" },
  { "SUB_USR_UNSUBSCRIBE", "confirm unsubscribe from <#L#>@<#H#>" },
  { "SUB_MOD_SUBSCRIBE", "CONFIRM subscribe to <#L#>@<#H#>" },
  { "SUB_MOD_UNSUBSCRIBE", "CONFIRM unsubscribe from <#L#>@<#H#>" },
  { "SUB_WELCOME", "WELCOME to <#L#>@<#H#>" },
  { "SUB_GOODBYE", "GOODBYE from <#L#>@<#H#>" },
  { "SUB_SUBSCRIBE_NOP", "Already subscribed to <#L#>@<#H#>" },
  { "SUB_UNSUBSCRIBE_NOP", "Not subscribed to <#L#>@<#H#>" },
  { "SUB_STATUS", "Status for <#L#>@<#H#>" },
  { "SUB_INFO", "Information about <#L#>@<#H#>" },
  { "SUB_FAQ", "Frequent questions about <#L#>@<#H#>" },
  { "SUB_HELP", "Help for <#L#>@<#H#>" },
  { "SUB_MOD_HELP", "Moderator help for <#L#>@<#H#>" },
  { "SUB_LIST", "Subscribers of <#L#>@<#H#>" },
  { "SUB_LOG", "Log of <#L#>@<#H#>" },
  { "SUB_LOG_SEARCH", "Found in the log of <#L#>@<#H#>" },
  { "SUB_GET_MSG", "Message of <#L#>@<#H#>" },
  { "SUB_EDIT_LIST", "Texts of <#L#>@<#H#>" },
  { "SUB_EDIT_REQUEST", "EDIT <#1#> for <#L#>@<#H#>" },
  { "SUB_EDIT_SUCCESS", "Success editing <#1#> for <#L#>@<#H#>" },
  { "SUB_MODERATE", "MODERATE for <#L#>@<#H#>" },
  { "SUB_CONFIRM_POST", "Confirm post to <#L#>@<#H#>" },
  { "SUB_RETURNED_POST", "Returned post for <#L#>@<#H#>" },
  { "SUB_WARNING", "Warning from <#L#>@<#H#>" },
  { "SUB_PROBE", "Probe from <#L#>@<#H#>" },
  { "SUB_RESULTS", "<#L#> results" },
  { "SUB_RESULT_OF", "<#L#> Result of: <#1#>" },
  { "SUB_DIGEST_OF", "<#L#> Digest of: <#1#>" },
  { "SUB_DIGEST_ISSUE", "<#L#> Digest <#1#> Issue <#2#>" },
  { "SUB_LISTS", "Lists of <#H#>" },

  /* pieces of text */
  { "TXT_MAILING_LIST", "contact <#L#>-help@<#H#>; run by ezmlm" },
  { "TXT_ONLY_SUBSCRIBERS", "Sorry, only subscribers may write to this list. For help, write to <#L#>-help@<#H#> (#5.7.2)" },
  { "TXT_REJECT_POSTS", "Sorry, this list takes no messages from your address. For help, write to <#L#>-help@<#H#> (#5.7.2)" },
  { "TXT_TOP_TOPICS", "Topics (messages <#1#> through <#2#>):" },
  { "TXT_ADMINISTRIVIA", "Administrivia:" },
  { "TXT_BY", "by: <#1#>" },
  { "TXT_NOINDEX", "There is no index of these messages." },
  { "TXT_LISTMEMBERS", "subscribers in all" },
  { "TXT_SUPPRESSED", "[the request is left out]" },
  { "TXT_ONECLICK_ASK", "Shall <#A#> get no more mail of <#l#>@<#H#>?" },
  { "TXT_ONECLICK_BUTTON", "Unsubscribe" },
  { "TXT_ONECLICK_DONE", "<#A#> gets no more mail of <#l#>@<#H#>." },
  { "TXT_EDIT_START", "START OF TEXT FILE" },
  { "TXT_EDIT_END", "END OF TEXT FILE" },
  { "AUTHOR_VIA_LIST", "<#1#> via <#2#>" },
  { 0, 0 }
};

char const *list_sentence(struct field identifier)
{
  for (struct list_sentence const *s = list_sentences; s->identifier; s++)
    if (field_is(identifier, s->identifier)) return s->text;
  return 0;
}
