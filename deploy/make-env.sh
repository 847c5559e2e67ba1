#!/bin/sh
# Prints .env.example with every secret made up: sh deploy/make-env.sh you@example.org > .env
set -eu
umask 077

email=${1:?"whose is the first sign-in? sh deploy/make-env.sh you@example.org > .env"}

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

while IFS= read -r line; do
    case $line in
        ADMIN_EMAIL=) echo "ADMIN_EMAIL=$email" ;;
        '#'*) echo "$line" ;;
        *=) echo "$line$(random)" ;;
        *) echo "$line" ;;
    esac
done < "$(dirname "$0")/../.env.example"
