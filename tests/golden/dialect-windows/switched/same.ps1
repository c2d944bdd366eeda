New-NetFirewallRule -Name 'web' -DisplayName 'Web' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 443 | Out-Null
Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True -DefaultInboundAction Block
