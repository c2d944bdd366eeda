New-NetFirewallRule -Name 'web' -DisplayName 'Web' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 443 | Out-Null
New-NetFirewallRule -Name 'rdp' -DisplayName 'Remote Desktop' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 3389 | Out-Null
New-NetFirewallRule -Name 'old' -DisplayName 'Old' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 23 | Out-Null
New-NetFirewallRule -Name 'off' -DisplayName 'Off' -Enabled False -Direction Inbound -Action Allow -Protocol TCP -LocalPort 24 | Out-Null
Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True -DefaultInboundAction Block
Disable-NetFirewallRule -Name 'RDP'
Remove-NetFirewallRule -Name 'old'
Disable-NetFirewallRule -Name 'web'
Enable-NetFirewallRule -Name 'web'
