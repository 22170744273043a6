/* control_check: look for what is wrong with a configuration. Each adds what it finds. */

#ifndef MAILTREE_CONTROL_CHECK_H
#define MAILTREE_CONTROL_CHECK_H

#include "control_dir.h"
#include "findings.h"

/* One file by its form, whatever the others say. */
void check_control_file(struct findings *to, struct control_dir const *dir, struct control_file const *file);

/* Files nobody reads: a known name misspelt, a leftover copy. */
void check_control_unknown(struct findings *to, struct control_dir const *dir);

/* A file of a patch of another qmail; false when it is none. */
bool check_control_foreign(struct findings *to, char const *name);

/* Lines of virtualdomains that lead to nobody. */
void check_virtual_users(struct findings *to, struct control_dir const *dir);

/* Domains that are only relayed to, whose servers do not tell who is there. */
void check_primaries(struct findings *to, struct control_dir const *dir);

/* Files that must agree with each other, or must be there. */
void check_control_together(struct findings *to, struct control_dir const *dir);

/* What stands beside it: the services' variables, the access rules in /etc. */
void check_services(struct findings *to);

/* Tables of aliases that are not there, or not of the text as it stands. */
void check_alias_tables(struct findings *to);

/* Directories in which mail waits for hosts that are not always there. */
void check_serial_sites(struct findings *to);
void check_callers(struct findings *to, struct control_dir const *dir);

/* The order in which name services are asked for accounts, and homes that are away or that others may write. */
void check_accounts(struct findings *to, struct control_dir const *dir);

/* DNS lists that do not answer, or whose answers mean nothing: they are asked. */
void check_dns_lists(struct findings *to, struct control_dir const *dir);

/* Name servers that cannot be asked. */
void check_name_servers(struct findings *to);

/* All of it. Working directory: HOME. */
void check_everything(struct findings *to, struct control_dir const *dir);

#endif
