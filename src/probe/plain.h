/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of which no service is known: a connection, a datagram that no protocol understands, an echo. */
#pragma once

#include "probe/probe.h"

extern const struct probe probe_plain_tcp, probe_plain_udp, probe_plain_echo;
