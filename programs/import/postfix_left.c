#include <string.h>
#include <strings.h>

#include "map_lines.h"
#include "postfix.h"
#include "source.h"
#include "text.h"

/* How a parameter is called, or begins, where a star stands. The first row that fits counts. Values that need nothing are between
   blanks; null: none does. */
static struct { char const *name, *fine, *instead; } const advice[] = {
  { "smtpd_milters", 0, "QMAILQUEUE names a program that sees each message, man qmail-queue" },
  { "non_smtpd_milters", 0, "QMAILQUEUE names a program that sees each message, man qmail-queue" },
  { "content_filter", 0, "QMAILQUEUE names a program that sees each message, man qmail-queue" },
  { "milter_*", " ", 0 },
  { "header_checks", 0, "a program that QMAILQUEUE names can do it" },
  { "body_checks", 0, "a program that QMAILQUEUE names can do it" },
  { "mime_header_checks", 0, "a program that QMAILQUEUE names can do it" },
  { "smtp_header_checks", 0, "a program that QMAILQUEUE names can do it" },
  { "mailbox_command", 0, "control/defaultdelivery has the line, such as | preline procmail" },
  { "mailbox_command_maps", 0, "a .qmail file in the user's home has the line" },
  { "mailbox_transport", 0, "control/defaultdelivery has the line, such as | qmail-lmtp" },
  { "mailbox_transport_maps", 0, "a .qmail file in the user's home has the line" },
  { "virtual_transport", " virtual ", "vdelivermail delivers; man qmail-lmtp for a server that takes LMTP" },
  { "virtual_*", " ", "virtual domains have one owner and homes of one form: man virtual-domains" },
  { "luser_relay", 0, "~alias/.qmail-default gets what nobody else does; recipients are refused no more then" },
  { "local_recipient_maps", 0, "who is here is known by accounts, /etc/aliases and .qmail files" },
  { "local_transport", " local:$myhostname local ", "control/defaultdelivery says how mail is delivered" },
  { "fallback_transport", 0, "~alias/.qmail-default gets what nobody else does" },
  { "default_transport", " smtp ", "a line : in control/virtualdomains or control/smtproutes takes all mail" },
  { "recipient_canonical_maps", 0, "recipients are never rewritten: /etc/aliases leads their old names on" },
  { "masquerade_domains", 0, "control/genericfrom has lines @host:@domain" },
  { "masquerade_classes", 0, "control/genericfrom rewrites senders, in envelope and header" },
  { "masquerade_exceptions", 0, "control/genericfrom has lines for single users, which go first" },
  { "sender_dependent_relayhost_maps", 0, "routes go by recipients" },
  { "sender_dependent_default_transport_maps", 0, "routes go by recipients; domainbindings names the source by the sender" },
  { "smtp_fallback_relay", 0, "there is no second way" },
  { "smtp_sasl_password_maps", 0, "control/smtpauth has lines relay:user:password:, and nobody but root may read it" },
  { "smtp_sasl_*", " yes no noanonymous ", "control/smtpauth says how to log in at a relay" },
  { "smtp_tls_policy_maps", 0, "control/tlspolicy has lines domain:word" },
  { "smtp_tls_security_level", " may dane none ", "control/tlspolicy has a line : for all domains" },
  { "smtp_tls_*", 0, 0 },
  { "smtpd_tls_cert_file", " /etc/ssl/certs/ssl-cert-snakeoil.pem ", "qmail-certificate install CHAIN KEY takes it over" },
  { "smtpd_tls_key_file", " /etc/ssl/private/ssl-cert-snakeoil.key ", "qmail-certificate install CHAIN KEY takes it over" },
  { "smtpd_tls_chain_files", 0, "qmail-certificate install CHAIN KEY takes it over" },
  { "smtpd_tls_security_level", " may none ", "SMTPD_TLS in rules says who must use TLS, man qmail-smtpd" },
  { "smtpd_tls_*", 0, 0 },
  { "tls_*", 0, 0 },
  { "smtpd_sasl_auth_enable", " no yes ", 0 },
  { "smtpd_sasl_*", " ", "services qmail-submission and qmail-submissions let users send with the password that they read their mail with" },
  { "smtpd_helo_required", " yes no ", 0 },
  { "smtpd_banner", " $myhostname ESMTP $mail_name (Debian/GNU) ", "control/smtpgreeting has the text" },
  { "smtpd_client_connection_*", 0, "control/limits has lines client connections N/minute" },
  { "smtpd_client_message_rate_limit", 0, "control/limits has lines client messages N/minute" },
  { "smtpd_*_limit", 0, "control/limits, maxerrors and maxrecipients limit a client" },
  { "smtpd_reject_unlisted_*", 0, 0 },
  { "smtpd_delay_reject", 0, 0 },
  { "smtpd_discard_ehlo_*", 0, 0 },
  { "smtpd_forbid_*", 0, 0 },
  { "smtpd_data_restrictions", " reject_unauth_pipelining ", "what qmail-smtpd checks is in man qmail-smtpd" },
  { "smtpd_end_of_data_restrictions", 0, "a program that QMAILQUEUE names can do it" },
  { "smtpd_etrn_restrictions", 0, "SMTPD_ETRN in rules names who may call for mail" },
  { "disable_vrfy_command", 0, 0 },
  { "strict_rfc821_envelopes", 0, 0 },
  { "postscreen_*", 0, "control/dnslists asks lists about who connects" },
  { "inet_interfaces", " all ", "tcpserver in supervise/qmail-smtpd/run says where it listens" },
  { "inet_protocols", " all ipv4 ", "supervise/qmail-smtpd/run says where it listens" },
  { "proxy_interfaces", 0, "control/locals has what is ours" },
  { "mynetworks_style", " host ", "a line in /etc/tcp.smtp says who may relay" },
  { "notify_classes", " resource, software resource,software ", "control/bouncecopyto gets copies of bounces" },
  { "bounce_notice_recipient", 0, "control/bouncecopyto gets copies of bounces" },
  { "2bounce_notice_recipient", 0, "control/doublebounceto and doublebouncehost say who gets them" },
  { "bounce_*", 0, 0 },
  { "*_destination_concurrency_limit", 0, "control/concurrencydestination and destinationconnections have it" },
  { "*_destination_rate_delay", 0, "control/destinationrate has lines domain:messages/seconds" },
  { "default_process_limit", 0, "control/concurrencyincoming, concurrencylocal and concurrencyremote have it" },
  { "mailbox_size_limit", " 0 ", "quotas are those of the file system, or of virtual users" },
  { "mail_spool_directory", 0, "mail comes into ~/Maildir; mbox2maildir brings what is there" },
  { "mydomain_fallback", 0, 0 }, { "export_environment", 0, 0 }, { "import_environment", 0, 0 },
  { "biff", 0, 0 }, { "append_dot_mydomain", 0, 0 }, { "append_at_myorigin", 0, 0 }, { "readme_directory", 0, 0 }, { "html_directory", 0, 0 },
  { "compatibility_level", 0, 0 }, { "alias_database", 0, 0 }, { "config_directory", 0, 0 }, { "command_directory", 0, 0 },
  { "daemon_directory", 0, 0 }, { "data_directory", 0, 0 }, { "queue_directory", 0, 0 }, { "meta_directory", 0, 0 }, { "shlib_directory", 0, 0 },
  { "manpage_directory", 0, 0 }, { "sample_directory", 0, 0 }, { "mail_owner", 0, 0 }, { "setgid_group", 0, 0 }, { "default_privs", 0, 0 },
  { "sendmail_path", 0, 0 }, { "newaliases_path", 0, 0 }, { "mailq_path", 0, 0 }, { "mail_name", 0, 0 }, { "mail_version", 0, 0 },
  { "debug_peer_*", 0, 0 }, { "debugger_command", 0, 0 }, { "unknown_*_reject_code", 0, 0 }, { "maillog_*", 0, 0 }, { "syslog_*", 0, 0 },
  { "queue_run_delay", 0, "the times of attempts are those of qmail-send; control/destinationschedule has others" },
  { "minimal_backoff_time", 0, "the times of attempts are those of qmail-send; control/destinationschedule has others" },
  { "maximal_backoff_time", 0, "the times of attempts are those of qmail-send; control/destinationschedule has others" },
  { "smtp_dns_support_level", 0, 0 }, { "smtp_host_lookup", 0, 0 }, { "smtp_address_preference", 0, 0 }, { "smtputf8_enable", 0, 0 },
  { "*", 0, "nothing of ours was looked for: if it matters, see qmail-control(5)" }
};

/* One star at most. */
static bool fits(char const *pattern, struct field name)
{
  char const *star = strchr(pattern, '*');
  size_t before = star ? (size_t)(star - pattern) : strlen(pattern), after = star ? strlen(star + 1) : 0;
  if (star ? name.len < before + after : name.len != before) return false;
  return memcmp(name.s, pattern, before) == 0 && (!after || memcmp(name.s + name.len - after, star + 1, after) == 0);
}

static bool is_among(char const *fine, struct field value)
{
  stralloc word = STRALLOC_ZERO;
  text_set(&word, " ");
  text_addb(&word, value.s, value.len);
  text_add(&word, value.len ? " " : "");
  bool found = strstr(fine, text_z(&word)) != 0;
  stralloc_free(&word);
  return found;
}

char const *postfix_instead(struct field name, struct field value)
{
  size_t i = 0;
  while (!fits(advice[i].name, name)) i++;
  if (!value.len || (advice[i].fine && is_among(advice[i].fine, value))) return 0;
  return advice[i].instead;
}

/* ---- master.cf ---- */

static bool comes_with_it(struct field name)
{
  static char const usual[] = " smtp smtpd smtpx pickup cleanup qmgr tlsmgr rewrite bounce defer trace verify flush proxymap proxywrite relay "
    "showq error retry discard local virtual lmtp anvil scache postlog maildrop uucp ifmail bsmtp scalemail-backend mailman dnsblog tlsproxy "
    "submission submissions smtps ";
  return is_among(usual, name);
}

void postfix_services(struct harvest *h)
{
  static char const path[] = "/etc/postfix/master.cf";
  stralloc text = STRALLOC_ZERO;
  struct harvest_place from = { path, 0 };
  if (!source_exists(path) || !source_read(&text, h, from, path)) return;
  struct map_lines lines = { .in = { text.s, text.len } };
  while (map_lines_next(&lines)) {
    from.line = lines.number;
    if (!comes_with_it(lines.key)) harvest_leave(h, from, lines.key, "a service of your own: a directory in /var/qmail/supervise, or a program in a .qmail file");
  }
  stralloc_free(&lines.text);
  stralloc_free(&text);
}
