#!/bin/sh
# What udhcpc runs at each event: it configures the interface and writes down what the client was told.
case "$1" in
    deconfig) ip address flush dev "$interface" ;;
    bound) ip address add "$ip/$mask" dev "$interface" ;;
esac
echo "$1 ip=$ip mask=$mask router=$router domain=$domain dns=$dns lease=$lease serverid=$serverid" >>"$EVENTS"
