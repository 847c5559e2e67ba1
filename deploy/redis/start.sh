#!/bin/sh
# Starts Redis as UpGuard needs it: each second on disk, nothing ever evicted, a user for everybody who connects, and no
# argument of a command larger than UpGuard ever writes.
set -eu
umask 077
sh "$(dirname "$0")/users.sh" > /tmp/users.acl
exec redis-server --dir /data --aclfile /tmp/users.acl \
    --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction --proto-max-bulk-len 64mb
