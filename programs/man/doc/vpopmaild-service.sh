#!/bin/sh
# Makes the service vpopmaild, on port 89 of this host alone. It is down until somebody says: qmailctl start vpopmaild
set -eu
service=/var/qmail/supervise/vpopmaild
[ ! -e $service ] || { echo "$service is there already" >&2; exit 1; }
mkdir -p $service/log
cat > $service/run <<'END'
#!/bin/sh
# Web pages of this host administer virtual domains: one vpopmaild for each connection.
exec 2>&1
export PATH=/var/qmail/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
exec tcpserver -v -R -H -l 0 -c 20 127.0.0.1 89 vpopmaild
END
cat > $service/log/run <<'END'
#!/bin/sh
exec setuidgid qmaill multilog t s1000000 n20 /var/log/qmail/vpopmaild
END
touch $service/down
chmod 755 $service/run $service/log/run
echo "$service is made, and down: qmailctl start vpopmaild"
