/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of which no service is known: a connection, or a datagram that no protocol understands. */
#pragma once

#include "probe/probe.h"

extern const struct probe probe_plain_tcp, probe_plain_udp;
